using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Subjects;

/// <summary>A worker in its own process, so that it can be stopped. It claims one task at a time and sends no heartbeats.</summary>
internal static class FreezableWorker
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    /// <summary>Works until this process is killed. Prints 'TASK CLAIM OUTCOME' for each task.</summary>
    /// <param name="server">The server.</param>
    /// <param name="lease">How long a lease lasts.</param>
    /// <param name="work">How long a task takes.</param>
    public static async Task RunAsync(Uri server, TimeSpan lease, TimeSpan work)
    {
        using var channel = GrpcChannel.ForAddress(server);
        var (tasks, claims) = (new AgentTaskService.AgentTaskServiceClient(channel), new WorkService.WorkServiceClient(channel));
        Console.WriteLine("ready");
        while (true)
        {
            var claim = new ClaimNextRequest
            {
                Kind = ResourceKind.AgentTask,
                LeaseDuration = Duration.FromTimeSpan(lease),
                Wait = Duration.FromTimeSpan(Wait),
                Worker = $"process {Environment.ProcessId}",
                RequestId = NewId(),
            };
            foreach (var taken in (await RepeatAsync(() => claims.ClaimNextAsync(claim, Tasks.Callers[0]).ResponseAsync)).Leases)
            {
                await Task.Delay(work, TimeProvider.System);
                var outcome = await CompleteAsync(tasks, taken) ? "accepted" : "refused";
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{taken.AgentTask.Id} {taken.LeaseRevision} {outcome}"));
            }
        }
    }

    private static async Task<bool> CompleteAsync(AgentTaskService.AgentTaskServiceClient tasks, Lease lease)
    {
        var request = new TransitionAgentTaskRequest
        {
            Id = lease.AgentTask.Id,
            Status = AgentTaskStatus.Completed,
            LeaseToken = lease.LeaseToken,
            RequestId = NewId(),
        };
        try
        {
            await RepeatAsync(() => tasks.TransitionAgentTaskAsync(request, Tasks.Callers[0]).ResponseAsync);
            return true;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Aborted)
        {
            // LEASE_LOST: the lease expired while this process was stopped.
            return false;
        }
    }

    /// <summary>Repeats a call whose connection broke while this process was stopped; the request_id makes that safe.</summary>
    private static async Task<T> RepeatAsync<T>(Func<Task<T>> callAsync)
    {
        while (true)
        {
            try
            {
                return await callAsync();
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable)
            {
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }

    private static string NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
}
