using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.V1;

namespace TaskGrpc.TestWorker;

/// <summary>
/// A worker in its own process, which a test can stop, continue and kill. It claims one agent task at a time, sends no heartbeats, and
/// prints a line for each lease and for each write with it.
/// </summary>
internal static class WorkerProgram
{
    private static readonly Duration Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(1));

    /// <summary>Works until the process is killed.</summary>
    /// <param name="arguments">Server, organization, the worker's name, the seconds of a lease, the milliseconds of a task.</param>
    public static async Task Main(string[] arguments)
    {
        var (organization, name) = (arguments[1], arguments[2]);
        var lease = Duration.FromTimeSpan(TimeSpan.FromSeconds(Number(arguments[3])));
        var work = TimeSpan.FromMilliseconds(Number(arguments[4]));
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = new Uri(arguments[0]),
            Metadata = new Metadata { { "x-organization-id", organization }, { "x-actor-id", name }, { "x-actor-type", "agent" } },
        });
        while (true)
        {
            var claim = new ClaimNextRequest { Kind = ResourceKind.AgentTask, Worker = name, LeaseDuration = lease, Wait = Wait };
            foreach (var taken in (await client.Work.ClaimNextAsync(claim)).Leases)
            {
                await PrintAsync($"claimed {taken.AgentTask.Id} {taken.LeaseToken} {taken.LeaseRevision}");
                await Task.Delay(work, TimeProvider.System);
                await FinishAsync(client, taken);
            }
        }
    }

    private static async Task FinishAsync(TaskGrpcClient client, Lease lease)
    {
        var id = lease.AgentTask.Id;
        try
        {
            var finished = await client.AgentTasks.TransitionAgentTaskAsync(
                new() { Id = id, Status = AgentTaskStatus.Completed, LeaseToken = lease.LeaseToken });
            await PrintAsync($"finished {id} {lease.LeaseToken} {finished.Etag}");
        }
        catch (TaskGrpcException lost) when (lost.Reason == ErrorReason.LeaseLost)
        {
            var head = (await client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 1 })).Revision;
            await PrintAsync($"lost {id} {lease.LeaseToken} {head}");
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    // One write for a line, so that a kill leaves no half of it.
    private static Task PrintAsync(FormattableString line) => Console.Out.WriteAsync(FormattableString.Invariant(line) + "\n");
}
