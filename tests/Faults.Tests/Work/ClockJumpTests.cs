using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>T23 for leases: the server's clock is set forwards and backwards. A holder that can be heard keeps its lease.</summary>
public sealed class ClockJumpTests : IDisposable
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(5);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The clocks of three servers, so that the test waits once for the leases of all.
    [Fact]
    public Task A_clock_that_is_set_Ends_no_lease_whose_holder_is_heard() => Task.WhenAll(
        SetAsync(TimeSpan.FromHours(1)), SetAsync(TimeSpan.FromHours(-1)), SetAsync(TimeSpan.FromDays(3650)));

    private async Task SetAsync(TimeSpan ahead)
    {
        var clock = new SetClock();
        await using var server = await TestServer.StartAsync(Path.Combine(_folder.Path, $"{ahead.TotalHours}"), clock);
        using var agent = server.Client("org", "agent-1", "agent");
        await agent.CreateAgentTaskAsync();
        var lease = Assert.Single((await agent.Work.ClaimNextAsync(new()
        {
            Kind = ResourceKind.AgentTask,
            Worker = "w1",
            LeaseDuration = Duration.FromTimeSpan(LeaseDuration),
        })).Leases);

        // 1. The holder goes on with heartbeats for longer than its lease.
        clock.Set(ahead);
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < LeaseDuration * 1.2)
        {
            var beat = await agent.Work.HeartbeatAsync(
                new() { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id, LeaseToken = lease.LeaseToken });
            Assert.Equal(LeaseDuration, beat.Remaining.ToTimeSpan());
            await BackOff.WaitAsync();
        }

        // 2. It falls silent: the lease ends by the new clock, once.
        var expired = await ExpiryAsync(agent, lease);
        Assert.Equal((ActorType.System, 1), (expired.Actor.Type, expired.AgentTask.ExpiredLeases));
        // Times of one resource never go backwards.
        Assert.True(expired.ChangedAt.ToDateTimeOffset() >= lease.AgentTask.UpdatedAt.ToDateTimeOffset());
    }

    private static async Task<Change> ExpiryAsync(TaskGrpcClient client, Lease lease)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (true)
        {
            var changes = await client.Changes.ListChangesAsync(new() { AfterRevision = lease.LeaseRevision });
            if (changes.Events.Count > 0)
            {
                return Assert.Single(changes.Events).Change;
            }

            Assert.False(late.IsCancellationRequested, "The lease has not expired.");
            await BackOff.WaitAsync();
        }
    }

    /// <summary>The machine's clock, some time ahead or behind.</summary>
    private sealed class SetClock : TimeProvider
    {
        private long _ahead;

        public void Set(TimeSpan ahead) => Interlocked.Exchange(ref _ahead, ahead.Ticks);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));
    }
}
