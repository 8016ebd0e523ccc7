using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Conformance.Tests.AgentTasks;

public abstract class AgentTaskApprovalTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Fact]
    public async Task Executing_without_an_approval_Is_refused_until_one_is_granted()
    {
        using var anna = As("anna");
        var planning = await anna.TransitionAsync(await anna.CreateAgentTaskAsync(), Planning);
        await Refusal.OfAsync(ErrorReason.ApprovalRequired, () => anna.TransitionAsync(planning, Executing));

        var waiting = await anna.TransitionAsync(planning, AwaitingApproval);
        Assert.Equal("anna", waiting.Approval.RequestedBy.Id);
        Assert.False(waiting.Approval.HasDecision);
        Assert.Equal(waiting.UpdatedAt, waiting.Approval.RequestedAt);

        var approved = await ApproveAsync(anna, waiting, "Go ahead.");
        Assert.Equal(Executing, approved.Status);
        Assert.Equal(ApprovalDecision.Approved, approved.Approval.Decision);
        Assert.Equal("Go ahead.", approved.Approval.Comment);
        Assert.Equal("anna", approved.Approval.DecidedBy.Id);
        Assert.Equal(approved.UpdatedAt, approved.Approval.DecidedAt);
    }

    [Fact]
    public async Task A_refused_entry_into_executing_Is_not_offered_as_allowed()
    {
        using var anna = As("anna");
        var planning = await anna.TransitionAsync(await anna.CreateAgentTaskAsync(), Planning);

        var refusal = await Refusal.OfAsync(ErrorReason.InvalidTransition, () => anna.TransitionAsync(planning, Completed));

        Assert.DoesNotContain("AGENT_TASK_STATUS_EXECUTING", refusal.Details["allowed"].Split(','));
    }

    [Theory]
    [InlineData(ApprovalPolicy.AutoExecute, "bob", "user", true)]
    [InlineData(ApprovalPolicy.AutoExecute, "robot", "agent", false)]
    [InlineData(ApprovalPolicy.DraftForReview, "requester", "user", true)]
    [InlineData(ApprovalPolicy.DraftForReview, "robot", "agent", false)]
    [InlineData(ApprovalPolicy.DraftForReview, "cron", "service", false)]
    [InlineData(ApprovalPolicy.AgentReview, "robot", "agent", true)]
    [InlineData(ApprovalPolicy.AgentReview, "bob", "user", true)]
    [InlineData(ApprovalPolicy.AgentReview, "requester", "user", false)]
    [InlineData(ApprovalPolicy.AgentReview, "requester", "agent", true)]
    [InlineData(ApprovalPolicy.AgentReview, "cron", "service", false)]
    [InlineData(ApprovalPolicy.Restricted, "bob", "user", true)]
    [InlineData(ApprovalPolicy.Restricted, "creator", "user", false)]
    [InlineData(ApprovalPolicy.Restricted, "requester", "user", false)]
    [InlineData(ApprovalPolicy.Restricted, "robot", "agent", false)]
    public async Task Approve_and_reject_Are_open_to_whom_the_policy_admits(ApprovalPolicy policy, string actor, string type, bool allowed)
    {
        using var creator = As("creator");
        using var requester = As("requester");
        using var decider = As(actor, type);
        foreach (var approve in new[] { true, false })
        {
            var sample = Sample.AgentTask();
            sample.ApprovalPolicy = policy;
            var planning = await creator.TransitionAsync(await creator.CreateAgentTaskAsync(sample), Planning);
            var waiting = await requester.TransitionAsync(planning, AwaitingApproval);
            Task<AgentTask> Decide() => approve ? ApproveAsync(decider, waiting) : RejectAsync(decider, waiting);
            if (allowed)
            {
                Assert.Equal(approve ? Executing : Planning, (await Decide()).Status);
            }
            else
            {
                await Refusal.OfAsync(ErrorReason.ApproverNotAllowed, Decide);
            }
        }
    }

    [Fact]
    public async Task Reject_Leaves_a_decision_that_does_not_hold()
    {
        using var anna = As("anna");
        var rejected = await RejectAsync(anna, await WaitingAsync(anna));

        Assert.Equal(Planning, rejected.Status);
        Assert.Equal(ApprovalDecision.Rejected, rejected.Approval.Decision);
        await Refusal.OfAsync(ErrorReason.ApprovalRequired, () => anna.TransitionAsync(rejected, Executing));
    }

    [Theory]
    [InlineData(ExecutionMode.Deterministic, AgentTaskStatus.Unspecified, Queued)]
    [InlineData(ExecutionMode.Hybrid, AgentTaskStatus.Unspecified, Planning)]
    [InlineData(ExecutionMode.Hybrid, Queued, Queued)]
    [InlineData(ExecutionMode.Hybrid, Canceled, Canceled)]
    [InlineData(ExecutionMode.Hybrid, Executing, AgentTaskStatus.Unspecified)]
    [InlineData(ExecutionMode.Deterministic, Planning, AgentTaskStatus.Unspecified)]
    public async Task Reject_Goes_to_the_requested_status_or_to_the_modes_first(
        ExecutionMode mode, AgentTaskStatus to, AgentTaskStatus expected)
    {
        using var anna = As("anna");
        var sample = Sample.AgentTask();
        sample.ExecutionMode = mode;
        var waiting = await anna.TransitionAsync(await anna.CreateAgentTaskAsync(sample), AwaitingApproval);
        if (expected == AgentTaskStatus.Unspecified)
        {
            await Refusal.OfAsync(ErrorReason.InvalidTransition, () => RejectAsync(anna, waiting, to));
        }
        else
        {
            Assert.Equal(expected, (await RejectAsync(anna, waiting, to)).Status);
        }
    }

    [Fact]
    public async Task Decisions_Need_the_etag_that_the_approver_saw()
    {
        using var anna = As("anna");
        var waiting = await WaitingAsync(anna);
        await Refusal.OfFieldsAsync(() => anna.AgentTasks.ApproveAgentTaskAsync(new() { Id = waiting.Id }).ResponseAsync, "etag");
        await Refusal.OfFieldsAsync(() => anna.AgentTasks.RejectAgentTaskAsync(new() { Id = waiting.Id }).ResponseAsync, "etag");

        var edited =
            await anna.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = new() { Id = waiting.Id, Title = "Refund twice as much" } });

        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => ApproveAsync(anna, waiting));
        Assert.Equal(Executing, (await ApproveAsync(anna, edited)).Status);
    }

    [Fact]
    public async Task Decisions_while_none_is_pending_Are_refused()
    {
        using var anna = As("anna");
        var task = await anna.CreateAgentTaskAsync();
        await Refusal.OfAsync(ErrorReason.NoApprovalPending, () => ApproveAsync(anna, task));
        await Refusal.OfAsync(ErrorReason.NoApprovalPending, () => RejectAsync(anna, task));
    }

    [Fact]
    public async Task Editing_a_pending_request_Does_not_let_the_requester_approve_it()
    {
        using var creator = As("creator");
        using var requester = As("requester");
        var sample = Sample.AgentTask();
        sample.ApprovalPolicy = ApprovalPolicy.Restricted;
        var planning = await creator.TransitionAsync(await creator.CreateAgentTaskAsync(sample), Planning);
        var waiting = await requester.TransitionAsync(planning, AwaitingApproval);

        var edited =
            await requester.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = new() { Id = waiting.Id, Title = "Something else" } });

        await Refusal.OfAsync(ErrorReason.ApproverNotAllowed, () => ApproveAsync(requester, edited));
    }

    public static TheoryData<string> WhatWasShown => ["title", "description", "task_type", "entity_type", "entity_id", "metadata"];

    [Theory]
    [MemberData(nameof(WhatWasShown))]
    public async Task An_approval_Is_cleared_when_an_approved_field_changes(string field)
    {
        using var anna = As("anna");
        var approved = await ApproveAsync(anna, await WaitingAsync(anna));
        var change = new AgentTask
        {
            Id = approved.Id,
            Title = "new",
            Description = "new",
            TaskType = "new",
            EntityType = "new",
            EntityId = "new",
            Metadata = new()
        };

        var edited = await anna.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = change, UpdateMask = new() { Paths = { field } } });

        Assert.Equal(Executing, edited.Status);
        Assert.Null(edited.Approval);
        var blocked = await anna.TransitionAsync(edited, Blocked);
        await Refusal.OfAsync(ErrorReason.ApprovalRequired, () => anna.TransitionAsync(blocked, Executing));
    }

    [Fact]
    public async Task An_approval_Holds_over_a_block_and_over_other_edits()
    {
        using var anna = As("anna");
        var approved = await ApproveAsync(anna, await WaitingAsync(anna));
        var edited = await anna.AgentTasks.UpdateAgentTaskAsync(
            new() { AgentTask = new() { Id = approved.Id, Priority = 1, AssignedAgentRole = "clerk" } });

        var back = await anna.TransitionAsync(await anna.TransitionAsync(edited, Blocked), Executing);

        Assert.Equal(approved.Approval, back.Approval);
    }

    [Theory]
    [InlineData("robot", "agent", ApprovalPolicy.AutoExecute, false)]
    [InlineData("robot", "agent", ApprovalPolicy.AgentReview, false)]
    [InlineData("robot", "agent", ApprovalPolicy.Restricted, true)]
    [InlineData("cron", "service", ApprovalPolicy.AutoExecute, false)]
    [InlineData("bob", "user", ApprovalPolicy.AutoExecute, true)]
    public async Task Loosening_a_policy_Takes_a_user(string actor, string type, ApprovalPolicy to, bool allowed)
    {
        using var anna = As("anna");
        using var other = As(actor, type);
        var task = await anna.CreateAgentTaskAsync();
        Task<AgentTask> Update() =>
            other.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = new() { Id = task.Id, ApprovalPolicy = to } }).ResponseAsync;
        if (allowed)
        {
            Assert.Equal(to, (await Update()).ApprovalPolicy);
        }
        else
        {
            await Refusal.OfAsync(ErrorReason.ApproverNotAllowed, Update);
        }
    }

    [Fact]
    public async Task Mode_and_policy_Are_locked_once_the_work_has_begun()
    {
        using var anna = As("anna");
        var planning = await anna.TransitionAsync(await anna.CreateAgentTaskAsync(), Planning);
        await Refusal.OfAsync(ErrorReason.FieldLocked,
            () => anna.AgentTasks.UpdateAgentTaskAsync(
                new() { AgentTask = new() { Id = planning.Id, ExecutionMode = ExecutionMode.Hybrid } }).ResponseAsync);
        await anna.AgentTasks.UpdateAgentTaskAsync(
            new() { AgentTask = new() { Id = planning.Id, ApprovalPolicy = ApprovalPolicy.Restricted } });

        var blocked = await anna.TransitionAsync(planning, Blocked);
        await Refusal.OfAsync(ErrorReason.FieldLocked,
            () => anna.AgentTasks.UpdateAgentTaskAsync(
                new() { AgentTask = new() { Id = planning.Id, ApprovalPolicy = ApprovalPolicy.AutoExecute } }).ResponseAsync);
        // A value equal to the current one is allowed: it changes nothing.
        var same = await anna.AgentTasks.UpdateAgentTaskAsync(
            new() { AgentTask = new() { Id = planning.Id, ExecutionMode = ExecutionMode.Agentic } });
        Assert.Equal(blocked.Etag, same.Etag);
    }

    private TaskGrpcClient As(string actor, string type = "user") => fixture.Server.Client(_organization, actor, type);

    private static async Task<AgentTask> WaitingAsync(TaskGrpcClient client) =>
        await client.TransitionAsync(await client.TransitionAsync(await client.CreateAgentTaskAsync(), Planning), AwaitingApproval);

    private static async Task<AgentTask> ApproveAsync(TaskGrpcClient client, AgentTask task, string comment = "") =>
        await client.AgentTasks.ApproveAgentTaskAsync(new() { Id = task.Id, Etag = task.Etag, Comment = comment });

    private static async Task<AgentTask> RejectAsync(
        TaskGrpcClient client, AgentTask task, AgentTaskStatus to = AgentTaskStatus.Unspecified) =>
        await client.AgentTasks.RejectAgentTaskAsync(new() { Id = task.Id, Etag = task.Etag, To = to });
}
