using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Work;

/// <summary>When a lease expires, and what becomes of its resource. The clock moves by hand.</summary>
public sealed class LeaseExpiryTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private TestServer? _server;
    private TaskGrpcClient? _agent;

    private TaskGrpcClient Agent => _agent!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(_folder.Path, _time, new Dictionary<string, string?> { ["Work:ExpiredLeases"] = "2" });
        _agent = _server.Client("org", "agent-1", "agent");
    }

    public async ValueTask DisposeAsync()
    {
        _agent!.Dispose();
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_lease_without_heartbeats_Expires_and_the_task_is_ready_again()
    {
        var lease = await ClaimedAsync();
        var expired = await ExpiryOfAsync(lease);
        Assert.Equal((ActorType.System, "The lease expired."), (expired.Actor.Type, expired.Reason));
        var task = expired.AgentTask;
        Assert.Equal((AgentTaskStatus.Planning, 1, 1), (task.Status, task.ClaimCount, task.ExpiredLeases));
        Assert.Null(task.Lease);
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => BeatAsync(lease));
        Assert.Equal((task.Id, 2), (await ClaimAsync()) is var again ? (again.AgentTask.Id, again.ClaimCount) : default);
    }

    [Fact]
    public async Task Heartbeats_Keep_a_lease_longer_than_its_duration()
    {
        var lease = await ClaimedAsync();
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(40));
            await BeatAsync(lease);
        }

        await RequireHeldAsync(lease);
        // The last heartbeat counts, not the claim.
        Assert.Equal(1, (await ExpiryOfAsync(lease)).AgentTask.ExpiredLeases);
    }

    [Fact]
    public async Task A_shorter_duration_of_a_heartbeat_Shortens_the_lease()
    {
        var lease = await ClaimedAsync();
        await Agent.Work.HeartbeatAsync(new()
        {
            Kind = ResourceKind.AgentTask,
            Id = lease.AgentTask.Id,
            LeaseToken = lease.LeaseToken,
            LeaseDuration = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
        });
        Assert.NotNull((await ExpiryOfAsync(lease, TimeSpan.FromSeconds(32))).AgentTask);
    }

    [Fact]
    public async Task At_the_limit_a_task_Is_BLOCKED_until_a_person_or_a_service_changes_it()
    {
        await ExpiryOfAsync(await ClaimedAsync());
        var blocked = (await ExpiryOfAsync(await ClaimAsync())).AgentTask;
        Assert.Equal((AgentTaskStatus.Blocked, AgentTaskStatus.Planning, 2), (blocked.Status, blocked.BlockedFrom, blocked.ExpiredLeases));
        var moved = await Agent.AgentTasks.TransitionAgentTaskAsync(new() { Id = blocked.Id, Status = AgentTaskStatus.Queued });
        Assert.Equal(2, moved.ExpiredLeases);
        Assert.Empty((await Agent.Work.ClaimNextAsync(Request())).Leases);
        using var service = _server!.Client("org", "s", "service");
        var update = new UpdateAgentTaskRequest
        {
            AgentTask = new() { Id = blocked.Id, Priority = 1 },
            UpdateMask = new() { Paths = { "priority" } },
        };
        Assert.Equal(0, (await service.AgentTasks.UpdateAgentTaskAsync(update)).ExpiredLeases);
        Assert.Equal(blocked.Id, (await ClaimAsync()).AgentTask.Id);
    }

    [Fact]
    public async Task A_board_task_at_the_limit_Stays_unready()
    {
        await Agent.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = Sample.BoardTask() });
        for (var i = 1; i <= 2; i++)
        {
            var lease = await ClaimAsync(ResourceKind.BoardTask);
            var back = (await ExpiryOfAsync(lease)).BoardTask;
            Assert.Equal((BoardTaskStatus.Backlog, i, false), (back.Status, back.ExpiredLeases, back.HasAssignedToInstanceId));
        }

        Assert.Empty((await Agent.Work.ClaimNextAsync(Request(ResourceKind.BoardTask))).Leases);
    }

    [Fact]
    public async Task An_execution_whose_lease_expires_Has_FAILED()
    {
        var (_, executions) = await Agent.CreateOpenFlowAsync(1);
        var failed = (await ExpiryOfAsync(await ClaimAsync(ResourceKind.TaskExecution))).TaskExecution;
        Assert.Equal((executions[0].Id, TaskExecutionStatus.Failed, "LEASE_EXPIRED"), (failed.Id, failed.Status, failed.Error.Type));
    }

    [Fact]
    public async Task An_expiry_with_a_pending_cancel_Cancels()
    {
        var lease = await ClaimedAsync();
        await Agent.Work.RequestCancelAsync(new() { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id });
        Assert.Equal(AgentTaskStatus.Canceled, (await ExpiryOfAsync(lease)).AgentTask.Status);
    }

    [Fact]
    public async Task Until_the_expiry_is_committed_The_token_is_good()
    {
        var lease = await ClaimedAsync();
        await _server!.DisposeAsync();
        // The server was away for longer than the lease: its holder can still be heard.
        _time.Advance(TimeSpan.FromHours(1));
        _server = await TestServer.StartAsync(_folder.Path, _time);
        _agent!.Dispose();
        _agent = _server.Client("org", "agent-1", "agent");
        await BeatAsync(lease);
        await RequireHeldAsync(lease);
    }

    private static ClaimNextRequest Request(ResourceKind kind = ResourceKind.AgentTask) => new() { Kind = kind, Worker = "w1" };

    private async Task<Lease> ClaimAsync(ResourceKind kind = ResourceKind.AgentTask) =>
        Assert.Single((await Agent.Work.ClaimNextAsync(Request(kind))).Leases);

    private async Task<Lease> ClaimedAsync()
    {
        await Agent.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask() });
        return await ClaimAsync();
    }

    private async Task BeatAsync(Lease lease) => await Agent.Work.HeartbeatAsync(
        new() { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id, LeaseToken = lease.LeaseToken });

    private async Task RequireHeldAsync(Lease lease) =>
        Assert.Equal(lease.AgentTask.Lease, (await Agent.AgentTasks.GetAgentTaskAsync(new() { Id = lease.AgentTask.Id })).Lease);

    /// <summary>Moves the clock past the end of a lease, and waits for the change that ends it.</summary>
    private async Task<Change> ExpiryOfAsync(Lease lease, TimeSpan? after = null)
    {
        var head = (await Agent.Changes.ListChangesAsync(new() { AfterRevision = lease.LeaseRevision, PageSize = 1000 })).Revision;
        _time.Advance(after ?? TimeSpan.FromSeconds(61));
        while (true)
        {
            var changes = await Agent.Changes.ListChangesAsync(new() { AfterRevision = head, PageSize = 1000 });
            if (changes.Events is [var ended, ..])
            {
                return ended.Change;
            }

            // The schedule looks once a second of this clock.
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
