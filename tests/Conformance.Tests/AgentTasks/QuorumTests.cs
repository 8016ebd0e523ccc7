using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Conformance.Tests.AgentTasks;

/// <summary>Approvals that several persons must give: whose vote counts, for which state of the task, and what ends the vote.</summary>
public abstract class QuorumTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Fact]
    public async Task The_last_approval_needed_Decides_and_the_earlier_ones_are_votes()
    {
        using var anna = As("anna");
        using var bob = As("bob");
        using var carl = As("carl");
        var waiting = await WaitingAsync(anna, 3);
        Assert.Empty(waiting.Approval.Votes);

        var first = await ApproveAsync(anna, waiting, "Fine.");
        Assert.Equal(AwaitingApproval, first.Status);
        Assert.False(first.Approval.HasDecision);
        Assert.Equal(new ApprovalVote { By = User("anna"), At = first.UpdatedAt, Comment = "Fine." }, Assert.Single(first.Approval.Votes));
        var second = await ApproveAsync(bob, first);
        Assert.Equal(AwaitingApproval, second.Status);
        var third = await ApproveAsync(carl, second, "Go.");

        Assert.Equal(Executing, third.Status);
        Assert.Equal((ApprovalDecision.Approved, "carl", "Go."),
            (third.Approval.Decision, third.Approval.DecidedBy.Id, third.Approval.Comment));
        Assert.Equal(["anna", "bob", "carl"], third.Approval.Votes.Select(vote => vote.By.Id));
        Assert.False(third.Approval.Votes[1].HasComment);
    }

    [Fact]
    public async Task A_single_approval_Is_a_vote_too()
    {
        using var anna = As("anna");
        var approved = await ApproveAsync(anna, await WaitingAsync(anna, 1));
        Assert.Equal((Executing, "anna"), (approved.Status, Assert.Single(approved.Approval.Votes).By.Id));
    }

    [Fact]
    public async Task A_second_vote_by_the_same_person_Changes_nothing_but_another_type_is_another_person()
    {
        using var anna = As("anna");
        using var robot = As("anna", "agent");
        using var requester = As("requester");
        var waiting = await WaitingAsync(requester, 2, ApprovalPolicy.AgentReview);
        var voted = await ApproveAsync(anna, waiting);

        Assert.Equal(voted, await ApproveAsync(anna, voted, "again"));
        // With the etag from before the own vote too: nothing else has changed.
        Assert.Equal(voted, await ApproveAsync(anna, waiting));
        Assert.Equal(Executing, (await ApproveAsync(robot, voted)).Status);
    }

    [Theory]
    [InlineData(ApprovalPolicy.DraftForReview, "robot", "agent")]
    [InlineData(ApprovalPolicy.DraftForReview, "cron", "service")]
    [InlineData(ApprovalPolicy.AgentReview, "requester", "user")]
    [InlineData(ApprovalPolicy.Restricted, "requester", "user")]
    [InlineData(ApprovalPolicy.Restricted, "creator", "user")]
    [InlineData(ApprovalPolicy.Restricted, "robot", "agent")]
    public async Task Every_vote_Needs_an_approver_whom_the_policy_admits(ApprovalPolicy policy, string actor, string type)
    {
        using var creator = As("creator");
        using var requester = As("requester");
        using var bob = As("bob");
        using var decider = As(actor, type);
        var waiting = await WaitingAsync(requester, 2, policy, creator);
        await Refusal.OfAsync(ErrorReason.ApproverNotAllowed, () => ApproveAsync(decider, waiting));
        var voted = await ApproveAsync(bob, waiting);

        await Refusal.OfAsync(ErrorReason.ApproverNotAllowed, () => ApproveAsync(decider, voted));
        await Refusal.OfAsync(ErrorReason.ApproverNotAllowed, () => RejectAsync(decider, voted));
        Assert.Equal(voted, await bob.AgentTasks.GetAgentTaskAsync(new() { Id = voted.Id }));
    }

    [Fact]
    public async Task One_reject_Decides_whatever_the_votes()
    {
        using var anna = As("anna");
        using var bob = As("bob");
        var waiting = await WaitingAsync(anna, 3);
        await ApproveAsync(anna, waiting);
        var rejected = await RejectAsync(bob, await ApproveAsync(bob, waiting));

        Assert.Equal((Planning, ApprovalDecision.Rejected), (rejected.Status, rejected.Approval.Decision));
        await Refusal.OfAsync(ErrorReason.ApprovalRequired, () => anna.TransitionAsync(rejected, Executing));
        // A new request starts without votes.
        Assert.Empty((await anna.TransitionAsync(rejected, AwaitingApproval)).Approval.Votes);
    }

    public static TheoryData<string> WhatWasShown => AgentTaskApprovalTests.WhatWasShown;

    [Theory]
    [MemberData(nameof(WhatWasShown))]
    public async Task An_update_of_what_was_shown_Removes_all_votes_and_makes_old_etags_void(string field)
    {
        using var anna = As("anna");
        using var bob = As("bob");
        using var carl = As("carl");
        var waiting = await WaitingAsync(anna, 2);
        var voted = await ApproveAsync(anna, waiting);
        var change = new AgentTask
        {
            Id = voted.Id,
            Title = "new",
            Description = "new",
            TaskType = "new",
            EntityType = "new",
            EntityId = "new",
            Metadata = new(),
        };

        var edited = await bob.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = change, UpdateMask = new() { Paths = { field } } });

        Assert.Equal(AwaitingApproval, edited.Status);
        Assert.Empty(edited.Approval.Votes);
        Assert.Equal(waiting.Approval, edited.Approval);
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => ApproveAsync(bob, waiting));
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => ApproveAsync(bob, voted));
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => RejectAsync(bob, voted));
        // The vote for the old content does not count for the new one.
        var again = await ApproveAsync(bob, edited);
        Assert.Equal((AwaitingApproval, "bob"), (again.Status, Assert.Single(again.Approval.Votes).By.Id));
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => ApproveAsync(carl, voted));
    }

    [Fact]
    public async Task An_etag_from_before_the_votes_Is_good_until_another_change()
    {
        using var anna = As("anna");
        var approvers = Enumerable.Range(1, 5).Select(i => As($"user-{i}")).ToList();
        var waiting = await WaitingAsync(anna, 5);
        foreach (var approver in approvers.Take(4))
        {
            Assert.Equal(AwaitingApproval, (await ApproveAsync(approver, waiting)).Status);
        }

        Assert.Equal(Executing, (await ApproveAsync(approvers[4], waiting)).Status);

        var other = await WaitingAsync(anna, 3);
        var voted = await ApproveAsync(approvers[0], other);
        var moved = await anna.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = new() { Id = other.Id, Priority = 1 } });
        // Another field does not clear the votes, but it has not been seen either.
        Assert.Equal(voted.Approval, moved.Approval);
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => ApproveAsync(approvers[1], voted));
        await ApproveAsync(approvers[1], moved);
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => ApproveAsync(approvers[2], voted));
        Assert.Equal(Executing, (await ApproveAsync(approvers[2], moved)).Status);
        approvers.ForEach(approver => approver.Dispose());
    }

    [Fact]
    public async Task An_etag_of_an_earlier_request_Is_never_good_for_a_later_one()
    {
        using var anna = As("anna");
        using var bob = As("bob");
        var waiting = await WaitingAsync(anna, 2);
        await ApproveAsync(anna, waiting);
        await anna.TransitionAsync(waiting, Planning);
        var again = await anna.TransitionAsync(waiting, AwaitingApproval);

        Assert.Empty(again.Approval.Votes);
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => ApproveAsync(bob, waiting));
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => ApproveAsync(bob, new AgentTask { Id = waiting.Id, Etag = "invented" }));
    }

    [Fact]
    public async Task Votes_at_one_moment_Each_count_once_and_the_last_needed_decides()
    {
        using var anna = As("anna");
        var waiting = await WaitingAsync(anna, 4);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            // Each of six users, twice.
            using var approver = As($"user-{i % 6}");
            try
            {
                return (await ApproveAsync(approver, waiting)).Status;
            }
            catch (TaskGrpcException refusal) when (refusal.Reason is ErrorReason.EtagMismatch)
            {
                // The task is EXECUTING already.
                return AgentTaskStatus.Unspecified;
            }
        }));

        Assert.Single(outcomes, Executing);
        var approved = await anna.AgentTasks.GetAgentTaskAsync(new() { Id = waiting.Id });
        Assert.Equal((Executing, 4), (approved.Status, approved.Approval.Votes.Count));
        Assert.Distinct(approved.Approval.Votes.Select(vote => vote.By.Id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(6)]
    public async Task A_number_of_approvals_out_of_range_Is_refused(int count)
    {
        using var anna = As("anna");
        var task = await anna.CreateAgentTaskAsync();
        await Refusal.OfFieldsAsync(() => anna.CreateAgentTaskAsync(With(count)), "agent_task.required_approvals");
        await Refusal.OfFieldsAsync(() => UpdateAsync(anna, task, change => change.RequiredApprovals = count),
            "agent_task.required_approvals");
    }

    [Fact]
    public async Task The_number_of_approvals_Defaults_to_one_and_can_be_filtered()
    {
        using var anna = As("anna");
        var usual = await anna.CreateAgentTaskAsync();
        var strict = await anna.CreateAgentTaskAsync(With(5));
        Assert.Equal((1, 5), (usual.RequiredApprovals, strict.RequiredApprovals));
        var found = await anna.AgentTasks.ListAgentTasksAsync(new() { Filter = "required_approvals > 1" });
        Assert.Equal(strict.Id, Assert.Single(found.AgentTasks).Id);
        var reset = await anna.AgentTasks.UpdateAgentTaskAsync(
            new() { AgentTask = new() { Id = strict.Id }, UpdateMask = new() { Paths = { "required_approvals" } } });
        Assert.Equal(1, reset.RequiredApprovals);
    }

    [Theory]
    [InlineData("robot", "agent", 1, false)]
    [InlineData("cron", "service", 1, false)]
    [InlineData("robot", "agent", 3, true)]
    [InlineData("bob", "user", 1, true)]
    public async Task Lowering_the_number_of_approvals_Takes_a_user(string actor, string type, int to, bool allowed)
    {
        using var anna = As("anna");
        using var other = As(actor, type);
        var task = await anna.CreateAgentTaskAsync(With(2));
        Task<AgentTask> Update() => UpdateAsync(other, task, change => change.RequiredApprovals = to);
        if (allowed)
        {
            Assert.Equal(to, (await Update()).RequiredApprovals);
        }
        else
        {
            await Refusal.OfAsync(ErrorReason.ApproverNotAllowed, Update);
            // Left out of the resource but in the mask: the default is lower too.
            await Refusal.OfAsync(ErrorReason.ApproverNotAllowed, () => other.AgentTasks.UpdateAgentTaskAsync(
                new() { AgentTask = new() { Id = task.Id }, UpdateMask = new() { Paths = { "required_approvals" } } }).ResponseAsync);
        }
    }

    [Fact]
    public async Task What_the_approval_needs_Is_locked_while_it_is_pending_and_after()
    {
        using var anna = As("anna");
        var waiting = await WaitingAsync(anna, 2);
        foreach (var status in new[] { AwaitingApproval, Canceled })
        {
            if (status == Canceled)
            {
                await anna.TransitionAsync(waiting, Canceled);
            }

            foreach (var count in new[] { 1, 3 })
            {
                await Refusal.OfAsync(
                    ErrorReason.FieldLocked, () => UpdateAsync(anna, waiting, change => change.RequiredApprovals = count));
            }

            await Refusal.OfAsync(ErrorReason.FieldLocked,
                () => UpdateAsync(anna, waiting, change => change.ApprovalTimeout = Duration.FromTimeSpan(TimeSpan.FromHours(1))));
            await Refusal.OfAsync(ErrorReason.FieldLocked,
                () => UpdateAsync(anna, waiting, change => change.ApprovalPolicy = ApprovalPolicy.Restricted));
        }
    }

    [Theory]
    [InlineData(59.999)]
    [InlineData(-60)]
    [InlineData((90 * 86400) + 0.001)]
    public async Task A_timeout_out_of_range_Is_refused(double seconds)
    {
        using var anna = As("anna");
        var timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds));
        var sample = Sample.AgentTask();
        sample.ApprovalTimeout = timeout;
        await Refusal.OfFieldsAsync(() => anna.CreateAgentTaskAsync(sample), "agent_task.approval_timeout");
        var task = await anna.CreateAgentTaskAsync();
        await Refusal.OfFieldsAsync(
            () => UpdateAsync(anna, task, change => change.ApprovalTimeout = timeout), "agent_task.approval_timeout");
    }

    [Theory]
    [InlineData(60)]
    [InlineData(90 * 86400)]
    public async Task A_timeout_Says_when_a_pending_approval_expires(int seconds)
    {
        using var anna = As("anna");
        var planning = await anna.TransitionAsync(await anna.CreateAgentTaskAsync(), Planning);
        var set = await UpdateAsync(
            anna, planning, change => change.ApprovalTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds)));
        Assert.Null(set.Approval);

        var waiting = await anna.TransitionAsync(set, AwaitingApproval);

        Assert.Equal(waiting.Approval.RequestedAt + set.ApprovalTimeout, waiting.Approval.ExpiresAt);
        var found = await anna.AgentTasks.ListAgentTasksAsync(
            new() { Filter = $"approval.expires_at >= \"{waiting.Approval.RequestedAt.ToDateTimeOffset():O}\"" });
        Assert.Equal(waiting.Id, Assert.Single(found.AgentTasks).Id);
    }

    private static Actor User(string id) => new() { Type = ActorType.User, Id = id };

    private TaskGrpcClient As(string actor, string type = "user") => fixture.Server.Client(_organization, actor, type);

    private static AgentTask With(int required)
    {
        var task = Sample.AgentTask();
        task.RequiredApprovals = required;
        return task;
    }

    private static async Task<AgentTask> WaitingAsync(
        TaskGrpcClient requester, int required, ApprovalPolicy policy = ApprovalPolicy.Unspecified, TaskGrpcClient? creator = null)
    {
        var task = With(required);
        task.ApprovalPolicy = policy;
        var created = await (creator ?? requester).CreateAgentTaskAsync(task);
        return await requester.TransitionAsync(await requester.TransitionAsync(created, Planning), AwaitingApproval);
    }

    private static async Task<AgentTask> UpdateAsync(TaskGrpcClient client, AgentTask task, Action<AgentTask> set)
    {
        var change = new AgentTask { Id = task.Id };
        set(change);
        return await client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = change });
    }

    private static async Task<AgentTask> ApproveAsync(TaskGrpcClient client, AgentTask task, string comment = "") =>
        await client.AgentTasks.ApproveAgentTaskAsync(new() { Id = task.Id, Etag = task.Etag, Comment = comment });

    private static async Task<AgentTask> RejectAsync(TaskGrpcClient client, AgentTask task) =>
        await client.AgentTasks.RejectAgentTaskAsync(new() { Id = task.Id, Etag = task.Etag });
}
