using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Conformance.Tests.Work;

/// <summary>What a lease protects and when it ends: the fence, heartbeats, release, requests to cancel.</summary>
public abstract class HoldTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    private TaskGrpcClient Agent => fixture.Server.Client(_organization, "agent-1", "agent");

    private TaskGrpcClient User => fixture.Server.Client(_organization);

    [Fact]
    public async Task A_transition_of_an_agent_or_service_Needs_the_token_while_a_lease_stands()
    {
        using var agent = Agent;
        using var service = fixture.Server.Client(_organization, "s", "service");
        var lease = await ClaimedAsync(agent);
        foreach (var client in new[] { agent, service })
        {
            var refused = await Refusal.OfAsync(ErrorReason.LeaseRequired, () => MoveAsync(client, lease, Canceled, token: ""));
            Assert.Equal("agent-1", refused.Details["holder"]);
        }

        await Refusal.OfAsync(ErrorReason.LeaseLost, () => MoveAsync(agent, lease, Canceled, token: "x"));
        var done = await MoveAsync(agent, lease, Canceled, lease.LeaseToken);
        Assert.Null(done.Lease);
        var lost = await Refusal.OfAsync(ErrorReason.LeaseLost, () => MoveAsync(agent, lease, Queued, lease.LeaseToken));
        Assert.Equal("AGENT_TASK_STATUS_CANCELED", lost.Details["status"]);
    }

    [Fact]
    public async Task A_user_May_move_a_held_task_and_only_a_working_status_keeps_the_lease()
    {
        using var agent = Agent;
        using var user = User;
        var lease = await ClaimedAsync(agent, task => task.ApprovalPolicy = ApprovalPolicy.AutoExecute);
        var executing = await MoveAsync(user, lease, Executing, token: "");
        Assert.Equal(lease.AgentTask.Lease, executing.Lease);
        var blocked = await MoveAsync(user, lease, Blocked, token: "");
        Assert.Null(blocked.Lease);
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => HeartbeatAsync(agent, lease));
    }

    [Fact]
    public async Task An_update_and_a_delete_Need_no_token_but_honour_one_that_is_sent()
    {
        using var agent = Agent;
        var lease = await ClaimedAsync(agent);
        var update = new UpdateAgentTaskRequest { AgentTask = new() { Id = lease.AgentTask.Id, Title = "New" }, UpdateMask = new() };
        update.UpdateMask.Paths.Add("title");
        update.LeaseToken = "x";
        await Refusal.OfAsync(ErrorReason.LeaseLost, async () => await agent.AgentTasks.UpdateAgentTaskAsync(update));
        update.LeaseToken = "";
        Assert.NotNull((await agent.AgentTasks.UpdateAgentTaskAsync(update)).Lease);
        await Refusal.OfAsync(ErrorReason.LeaseLost,
            async () => await agent.AgentTasks.DeleteAgentTaskAsync(new() { Id = lease.AgentTask.Id, LeaseToken = "x" }));
        var deleted = await agent.AgentTasks.DeleteAgentTaskAsync(new() { Id = lease.AgentTask.Id });
        Assert.Null(deleted.Lease);
        Assert.Empty((await agent.Work.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask })).Leases);
    }

    [Fact]
    public async Task The_lease_Is_checked_after_existence_and_before_the_etag_and_the_table()
    {
        using var agent = Agent;
        var lease = await ClaimedAsync(agent);
        var request = new TransitionAgentTaskRequest
        {
            Id = lease.AgentTask.Id,
            Status = AwaitingApproval,
            Etag = "old",
            LeaseToken = "x",
        };
        await Refusal.OfAsync(ErrorReason.LeaseLost, async () => await agent.AgentTasks.TransitionAgentTaskAsync(request));
        request.LeaseToken = lease.LeaseToken;
        await Refusal.OfAsync(ErrorReason.EtagMismatch, async () => await agent.AgentTasks.TransitionAgentTaskAsync(request));
        request.Id = Guid.NewGuid().ToString();
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, async () => await agent.AgentTasks.TransitionAgentTaskAsync(request));
    }

    [Fact]
    public async Task A_heartbeat_Extends_the_lease_without_a_revision()
    {
        using var agent = Agent;
        var lease = await ClaimedAsync(agent);
        var beat = await HeartbeatAsync(agent, lease, request => request.LeaseDuration = Duration.FromTimeSpan(TimeSpan.FromHours(1)));
        Assert.Equal(HeartbeatDirective.Continue, beat.Directive);
        Assert.Equal(TimeSpan.FromHours(1), beat.Remaining.ToTimeSpan());
        var held = Assert.Single((await agent.Work.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask })).Leases);
        Assert.Equal(beat.ExpiresAt, held.ExpiresAt);
        Assert.Equal(beat.ExpiresAt.ToDateTimeOffset() - TimeSpan.FromHours(1), held.LastHeartbeatAt.ToDateTimeOffset());
        Assert.Equal(lease.AgentTask, await agent.AgentTasks.GetAgentTaskAsync(new() { Id = lease.AgentTask.Id }));
        // The next one lasts as long as the claim said.
        Assert.Equal(TimeSpan.FromSeconds(60), (await HeartbeatAsync(agent, lease)).Remaining.ToTimeSpan());
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => HeartbeatAsync(agent, lease, request => request.LeaseToken = "x"));
    }

    [Fact]
    public async Task Progress_Is_told_at_most_once_in_15_seconds_and_with_the_end_of_the_lease()
    {
        using var agent = Agent;
        var lease = await ClaimedAsync(agent);
        await BeatAsync(10, "ten");
        await BeatAsync(20, "twenty");
        await BeatAsync(30, "thirty");
        var shown = await agent.AgentTasks.GetAgentTaskAsync(new() { Id = lease.AgentTask.Id });
        Assert.Equal((10, "ten"), (shown.Progress.Percent, shown.Progress.Note));
        var released = (await agent.Work.ReleaseAsync(Release(lease))).AgentTask;
        Assert.Equal((30, "thirty"), (released.Progress.Percent, released.Progress.Note));

        Task<HeartbeatResponse> BeatAsync(int percent, string note) =>
            HeartbeatAsync(agent, lease, request => request.Progress = new() { Percent = percent, Note = note });
    }

    [Fact]
    public async Task Released_work_Is_ready_again_and_the_next_claim_has_a_higher_revision()
    {
        using var agent = Agent;
        var lease = await ClaimedAsync(agent);
        var released = (await agent.Work.ReleaseAsync(Release(lease, "not mine"))).AgentTask;
        Assert.Equal((Planning, 1), (released.Status, released.ClaimCount));
        Assert.Null(released.Lease);
        await Refusal.OfAsync(ErrorReason.LeaseLost, async () => await agent.Work.ReleaseAsync(Release(lease)));
        var again = await ClaimAsync(agent);
        Assert.Equal((lease.AgentTask.Id, 2), (again.AgentTask.Id, again.ClaimCount));
        Assert.True(again.LeaseRevision > lease.LeaseRevision);
        Assert.NotEqual(lease.LeaseToken, again.LeaseToken);
    }

    [Fact]
    public async Task A_released_board_task_Loses_the_assignee_that_the_claim_set()
    {
        using var agent = Agent;
        await agent.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = Sample.BoardTask() });
        var lease = await ClaimAsync(agent, ResourceKind.BoardTask);
        var released = (await agent.Work.ReleaseAsync(Release(lease))).BoardTask;
        Assert.Equal((BoardTaskStatus.Backlog, false), (released.Status, released.HasAssignedToInstanceId));
    }

    [Fact]
    public async Task A_request_to_cancel_Reaches_the_holder_and_ends_with_the_lease()
    {
        using var agent = Agent;
        using var user = User;
        var lease = await ClaimedAsync(agent);
        var asked = (await CancelAsync(user, lease, "wrong order")).AgentTask;
        Assert.Equal(("wrong order", "anna"), (asked.CancelRequested.Reason, asked.CancelRequested.By.Id));
        Assert.Equal(asked, (await CancelAsync(user, lease, "again")).AgentTask);
        var beat = await HeartbeatAsync(agent, lease);
        Assert.Equal((HeartbeatDirective.Cancel, "wrong order"), (beat.Directive, beat.Reason));
        var released = (await agent.Work.ReleaseAsync(Release(lease))).AgentTask;
        Assert.Equal(Canceled, released.Status);
        var changes = await user.Changes.ListChangesAsync(
            new() { Ids = { released.Id }, Filter = "status = CANCELED", Kinds = { ResourceKind.AgentTask } });
        Assert.Single(changes.Events);
    }

    [Fact]
    public async Task A_holder_May_still_complete_after_a_request_to_cancel()
    {
        using var agent = Agent;
        using var user = User;
        var lease = await ClaimedAsync(agent, task => task.ApprovalPolicy = ApprovalPolicy.AutoExecute);
        await MoveAsync(agent, lease, Executing, lease.LeaseToken);
        await CancelAsync(user, lease, "");
        var done = await MoveAsync(agent, lease, Completed, lease.LeaseToken);
        Assert.Equal(Completed, done.Status);
        await Refusal.OfAsync(ErrorReason.InvalidTransition, () => CancelAsync(user, lease, ""));
    }

    [Fact]
    public async Task Without_a_lease_a_request_to_cancel_Cancels_at_once_what_can_be_canceled()
    {
        using var user = User;
        var task = await user.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask() });
        var canceled = await user.Work.RequestCancelAsync(new() { Kind = ResourceKind.AgentTask, Id = task.Id, Reason = "no" });
        Assert.Equal(Canceled, canceled.AgentTask.Status);
        var board = await user.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = Sample.BoardTask() });
        var refused = await Refusal.OfAsync(ErrorReason.InvalidTransition,
            async () => await user.Work.RequestCancelAsync(new() { Kind = ResourceKind.BoardTask, Id = board.Id }));
        Assert.Equal("BOARD_TASK_STATUS_BACKLOG", refused.Details["from"]);
    }

    [Fact]
    public async Task Canceling_a_flow_Ends_the_leases_of_its_executions()
    {
        using var agent = Agent;
        using var user = User;
        var (flow, _) = await user.CreateOpenFlowAsync(2);
        var lease = await ClaimAsync(agent, ResourceKind.TaskExecution);
        await user.TransitionAsync(flow, FlowExecutionStatus.Canceled);
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => HeartbeatAsync(agent, lease));
        Assert.Empty((await user.Work.ListLeasesAsync(new() { Kind = ResourceKind.TaskExecution })).Leases);
    }

    [Fact]
    public async Task A_task_given_back_for_later_Is_not_ready_before()
    {
        using var agent = Agent;
        var lease = await ClaimedAsync(agent);
        var release = Release(lease);
        release.NotBefore = TimeProvider.System.GetUtcNow().AddHours(1).ToTimestamp();
        Assert.NotNull((await agent.Work.ReleaseAsync(release)).AgentTask.NotBefore);
        Assert.Empty((await agent.Work.ClaimNextAsync(new() { Kind = ResourceKind.AgentTask, Worker = "w1" })).Leases);
    }

    private static async Task<Lease> ClaimAsync(TaskGrpcClient client, ResourceKind kind = ResourceKind.AgentTask) =>
        Assert.Single((await client.Work.ClaimNextAsync(new() { Kind = kind, Worker = "w1" })).Leases);

    private static async Task<Lease> ClaimedAsync(TaskGrpcClient client, Action<AgentTask>? set = null)
    {
        var task = Sample.AgentTask();
        set?.Invoke(task);
        await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = task });
        return await ClaimAsync(client);
    }

    private static async Task<HeartbeatResponse> HeartbeatAsync(TaskGrpcClient client, Lease lease, Action<HeartbeatRequest>? set = null)
    {
        var request = new HeartbeatRequest { Kind = KindOf(lease), Id = lease.Resource!.Id, LeaseToken = lease.LeaseToken };
        set?.Invoke(request);
        return await client.Work.HeartbeatAsync(request);
    }

    private static async Task<RequestCancelResponse> CancelAsync(TaskGrpcClient client, Lease lease, string reason) =>
        await client.Work.RequestCancelAsync(new() { Kind = KindOf(lease), Id = lease.Resource!.Id, Reason = reason });

    private static async Task<AgentTask> MoveAsync(TaskGrpcClient client, Lease lease, AgentTaskStatus to, string token) =>
        await client.AgentTasks.TransitionAgentTaskAsync(new() { Id = lease.AgentTask.Id, Status = to, LeaseToken = token });

    private static ReleaseRequest Release(Lease lease, string reason = "") =>
        new() { Kind = KindOf(lease), Id = lease.Resource!.Id, LeaseToken = lease.LeaseToken, Reason = reason };

    private static ResourceKind KindOf(Lease lease) => lease.Resource switch
    {
        AgentTask => ResourceKind.AgentTask,
        BoardTask => ResourceKind.BoardTask,
        _ => ResourceKind.TaskExecution,
    };
}
