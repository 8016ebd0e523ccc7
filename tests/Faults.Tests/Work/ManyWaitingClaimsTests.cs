using System.Diagnostics.Metrics;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>A thousand claims wait: a new task wakes one of them, and the others commit nothing.</summary>
public sealed class ManyWaitingClaimsTests : IDisposable
{
    private const int Waiting = 1000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_new_task_Wakes_one_of_a_thousand_waiting_claims()
    {
        await using var server = await TestServer.StartAsync(_folder.Path, protocol: TestProtocol.InProcess);
        using var agent = server.Client("org", "agent-1", "agent");
        var claims = Enumerable.Range(0, Waiting).Select(i => ClaimAsync(agent, $"w{i}")).ToList();
        await UntilWaitingAsync(server, Waiting);
        var commands = 0L;
        var meters = server.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "taskgrpc.ledger.commands" && instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref commands, count));
        listener.Start();

        for (var i = 1; i <= 5; i++)
        {
            var task = await agent.CreateAgentTaskAsync();
            var served = await Task.WhenAny(claims);
            claims.Remove(served);
            Assert.Equal(task.Id, Assert.Single((await served).Leases).AgentTask.Id);
            await UntilWaitingAsync(server, Waiting - i);
            // The create and the one claim.
            Assert.Equal(2 * i, Interlocked.Read(ref commands));
        }

        // A shutdown ends them all.
        await server.StopAsync();
        foreach (var claim in claims)
        {
            await Refusal.OfAsync(ErrorReason.Draining, () => claim);
        }
    }

    private static async Task<ClaimNextResponse> ClaimAsync(TaskGrpcClient client, string worker) => await client.Work.ClaimNextAsync(
        new() { Kind = ResourceKind.AgentTask, Worker = worker, Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)) },
        deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(90));

    private static async Task UntilWaitingAsync(TestServer server, int count)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (server.WaitingClaims != count)
        {
            Assert.False(late.IsCancellationRequested, $"{server.WaitingClaims} claims wait.");
            await BackOff.WaitAsync();
        }
    }
}
