using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.BoardTasks;

/// <summary>Blockers hold back claims, and nothing else.</summary>
public abstract class BlockedWorkTests(ServerFixture fixture) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TaskGrpcClient _client = fixture.NewClient();

    public void Dispose()
    {
        _client.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_blocked_task_Is_claimed_only_when_its_last_blocker_is_DONE()
    {
        var tasks = await _client.CreateAssignedAsync(3);
        await _client.BlockAsync(tasks[2], tasks[0]);
        await _client.BlockAsync(tasks[2], tasks[1]);
        await _client.FinishAsync(tasks[0]);

        var first = Assert.Single(await _client.ClaimAsync());
        Assert.Equal(tasks[1].Id, first.BoardTask.Id);
        Assert.Empty(await _client.ClaimAsync());
        // Work that is under review is not DONE.
        await _client.TransitionAsync(tasks[1], BoardTaskStatus.Review);
        Assert.Empty(await _client.ClaimAsync());
        await _client.TransitionAsync(tasks[1], BoardTaskStatus.Done);
        Assert.Equal(tasks[2].Id, Assert.Single(await _client.ClaimAsync()).BoardTask.Id);
    }

    [Fact]
    public async Task A_blocked_task_May_be_moved_by_a_transition()
    {
        var tasks = await _client.CreateAssignedAsync(2);
        await _client.BlockAsync(tasks[1], tasks[0]);
        var done = await _client.FinishAsync(tasks[1]);
        Assert.Equal((BoardTaskStatus.Done, 1), (done.Status, done.OpenBlockers));
    }

    [Fact]
    public async Task A_held_task_that_gets_a_blocker_Stays_with_its_worker_and_waits_once_it_is_given_back()
    {
        var tasks = await _client.CreateAssignedAsync(1);
        var lease = Assert.Single(await _client.ClaimAsync());
        var blocker = (await _client.CreateAssignedAsync(1))[0];
        var blocked = await _client.BlockAsync(tasks[0], blocker);
        Assert.Equal((lease.BoardTask.Lease, 1), (blocked.Lease, blocked.OpenBlockers));
        await _client.Work.HeartbeatAsync(new() { Kind = ResourceKind.BoardTask, Id = blocked.Id, LeaseToken = lease.LeaseToken });

        var released = await _client.ReleaseAsync(lease);
        Assert.Equal((BoardTaskStatus.Assigned, 1), (released.Status, released.OpenBlockers));
        var next = Assert.Single(await _client.ClaimAsync());
        Assert.Equal(blocker.Id, next.BoardTask.Id);
        await _client.TransitionAsync(blocker, BoardTaskStatus.Done);
        Assert.Equal(tasks[0].Id, Assert.Single(await _client.ClaimAsync()).BoardTask.Id);
    }

    [Fact]
    public async Task A_blocker_that_goes_back_while_the_task_is_held_Leaves_the_lease()
    {
        var tasks = await _client.CreateAssignedAsync(2);
        await _client.BlockAsync(tasks[1], tasks[0]);
        await _client.FinishAsync(tasks[0]);
        var lease = Assert.Single(await _client.ClaimAsync());
        await _client.TransitionAsync(tasks[0], BoardTaskStatus.Backlog);

        var held = await _client.GetAsync(tasks[1]);
        Assert.Equal((lease.BoardTask.Lease, 1), (held.Lease, held.OpenBlockers));
        var request = new TransitionBoardTaskRequest { Id = held.Id, Status = BoardTaskStatus.Done, LeaseToken = lease.LeaseToken };
        Assert.Equal(BoardTaskStatus.Done, (await _client.BoardTasks.TransitionBoardTaskAsync(request)).Status);
    }

    [Fact]
    public async Task A_blocker_that_its_worker_gives_back_Is_open_as_before()
    {
        var tasks = await _client.CreateAssignedAsync(2);
        await _client.BlockAsync(tasks[1], tasks[0]);
        var lease = Assert.Single(await _client.ClaimAsync());
        await _client.ReleaseAsync(lease);
        Assert.Equal(1, (await _client.GetAsync(tasks[1])).OpenBlockers);
        Assert.Equal(tasks[0].Id, Assert.Single(await _client.ClaimAsync()).BoardTask.Id);
    }

    [Theory]
    [InlineData("done")]
    [InlineData("deleted")]
    [InlineData("removed")]
    public async Task A_waiting_claim_Wakes_when_the_last_blocker_goes(string how)
    {
        var tasks = await _client.CreateAssignedAsync(2);
        await _client.BlockAsync(tasks[1], tasks[0]);
        var held = Assert.Single(await _client.ClaimAsync());
        var open = fixture.Server.OpenWatches;
        using var waiting = _client.Work.ClaimNextAsync(
            new() { Kind = ResourceKind.BoardTask, Worker = "w2", Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)) },
            deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(70));
        while (fixture.Server.OpenWatches == open)
        {
            await _client.GetAsync(tasks[0]);
        }

        await (how switch
        {
            "done" => _client.TransitionAsync(held.BoardTask, BoardTaskStatus.Done),
            "deleted" => _client.DeleteBoardTaskAsync(tasks[0].Id),
            _ => _client.UnblockAsync(tasks[1], tasks[0]),
        });

        var claimed = await waiting.ResponseAsync.WaitAsync(Limit);
        Assert.Equal(tasks[1].Id, Assert.Single(claimed.Leases).BoardTask.Id);
    }
}
