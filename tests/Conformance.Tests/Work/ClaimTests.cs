using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Work;

/// <summary>Claims: what is ready, in which order, and what a claim does to it.</summary>
public abstract class ClaimTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    private TaskGrpcClient Agent => fixture.Server.Client(_organization, "agent-1", "agent");

    private TaskGrpcClient User => fixture.Server.Client(_organization);

    [Fact]
    public async Task A_claim_Takes_the_most_urgent_task_and_moves_it_to_work()
    {
        using var agent = Agent;
        var late = await CreateAsync(agent, task => task.Priority = 7);
        var urgent = await CreateAsync(agent, task => task.Priority = -3);
        var claimed = await ClaimAsync(agent);
        var lease = Assert.Single(claimed.Leases);
        Assert.Equal(urgent.Id, lease.AgentTask.Id);
        Assert.Equal(AgentTaskStatus.Planning, lease.AgentTask.Status);
        Assert.Equal(("agent-1", "w1"), (lease.AgentTask.Lease.Holder.Id, lease.AgentTask.Lease.Worker));
        Assert.Equal((claimed.Revision, 1), (lease.LeaseRevision, lease.ClaimCount));
        Assert.Equal(claimed.Revision, lease.AgentTask.Lease.LeaseRevision);
        Assert.Equal(lease.AgentTask, await agent.AgentTasks.GetAgentTaskAsync(new() { Id = urgent.Id }));
        Assert.InRange(lease.Remaining.ToTimeSpan(), TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(60));
        Assert.Equal(late.Id, Assert.Single((await ClaimAsync(agent)).Leases).AgentTask.Id);
        Assert.Empty((await ClaimAsync(agent)).Leases);
    }

    [Fact]
    public async Task A_claim_of_several_Takes_them_in_one_revision_in_the_order_of_claims()
    {
        using var agent = Agent;
        var tasks = new List<AgentTask>();
        foreach (var priority in new[] { 5, 1, 3, 1 })
        {
            tasks.Add(await CreateAsync(agent, task => task.Priority = priority));
        }

        var claimed = await ClaimAsync(agent, request => request.MaxTasks = 3);
        Assert.Equal([tasks[1].Id, tasks[3].Id, tasks[2].Id], claimed.Leases.Select(lease => lease.AgentTask.Id));
        Assert.All(claimed.Leases, lease => Assert.Equal(claimed.Revision, lease.LeaseRevision));
        Assert.Distinct(claimed.Leases.Select(lease => lease.LeaseToken));
        var changes = await agent.Changes.ListChangesAsync(new() { AfterRevision = claimed.Revision - 1 });
        Assert.Equal(3, changes.Events.Count);
        Assert.All(changes.Events, change => Assert.Equal("Claimed by 'w1'.", change.Change.Reason));
        Assert.All(changes.Events, change => Assert.Equal("agent-1", change.Change.Actor.Id));
    }

    [Fact]
    public async Task Racing_workers_Get_each_task_once_and_none_meets_a_conflict()
    {
        const int tasks = 200, workers = 8;
        using var creator = User;
        await creator.AgentTasks.BatchCreateAgentTasksAsync(new()
        {
            AgentTasks = { Enumerable.Range(0, tasks).Select(i => Sample.AgentTask($"t{i}")) },
        });
        var taken = await Task.WhenAll(Enumerable.Range(0, workers).Select(async i =>
        {
            using var agent = fixture.Server.Client(_organization, $"agent-{i}", "agent");
            var own = new List<string>();
            while ((await ClaimAsync(agent, request => request.Worker = $"w{i}")).Leases is [var lease])
            {
                own.Add(lease.AgentTask.Id);
            }

            return own;
        }));
        Assert.Equal(tasks, taken.Sum(own => own.Count));
        Assert.Distinct(taken.SelectMany(own => own));
    }

    [Fact]
    public async Task What_is_not_ready_Is_never_claimed()
    {
        using var user = User;
        // A DETERMINISTIC task whose policy does not let it execute, one that a Transition alone brought to work, and a deleted one.
        await CreateAsync(user, task => task.ExecutionMode = ExecutionMode.Deterministic);
        var moved = await CreateAsync(user);
        await user.AgentTasks.TransitionAgentTaskAsync(new() { Id = moved.Id, Status = AgentTaskStatus.Planning });
        var deleted = await CreateAsync(user);
        await user.AgentTasks.DeleteAgentTaskAsync(new() { Id = deleted.Id });
        Assert.Empty((await ClaimAsync(user, request => request.MaxTasks = 100)).Leases);
    }

    [Fact]
    public async Task A_deterministic_task_that_may_execute_Goes_to_EXECUTING()
    {
        using var user = User;
        await CreateAsync(user, task =>
        {
            task.ExecutionMode = ExecutionMode.Deterministic;
            task.ApprovalPolicy = ApprovalPolicy.AutoExecute;
        });
        var task = Assert.Single((await ClaimAsync(user)).Leases).AgentTask;
        Assert.Equal(AgentTaskStatus.Executing, task.Status);
        Assert.Equal(task.Lease.ClaimedAt, task.StartedAt);
    }

    [Theory]
    [InlineData("task_type = \"refund\" AND priority < 50")]
    [InlineData("title = \"*wanted\"")]
    public async Task A_filter_Is_held_against_the_task_before_the_claim(string filter)
    {
        using var agent = Agent;
        await CreateAsync(agent, task => (task.Priority, task.Title, task.TaskType) = (60, "other", "refund"));
        var wanted = await CreateAsync(agent, task => (task.Priority, task.Title, task.TaskType) = (40, "the wanted", "refund"));
        await CreateAsync(agent, task => (task.Priority, task.Title, task.TaskType) = (1, "other", "other"));
        var lease = Assert.Single((await ClaimAsync(agent, request => (request.Filter, request.MaxTasks) = (filter, 10))).Leases);
        Assert.Equal(wanted.Id, lease.AgentTask.Id);
        Assert.Empty((await ClaimAsync(agent, request => (request.Filter, request.MaxTasks) = (filter, 10))).Leases);
    }

    [Fact]
    public async Task A_match_behind_more_rows_than_the_lane_looks_at_Is_still_found()
    {
        using var agent = Agent;
        await agent.AgentTasks.BatchCreateAgentTasksAsync(new()
        {
            AgentTasks = { Enumerable.Range(0, 1000).Select(i => Sample.AgentTask($"t{i}")) },
        });
        await CreateAsync(agent);
        var wanted = await CreateAsync(agent, task => task.TaskType = "rare");
        var lease = Assert.Single((await ClaimAsync(agent, request => request.Filter = "task_type = rare")).Leases);
        Assert.Equal(wanted.Id, lease.AgentTask.Id);
    }

    [Fact]
    public async Task A_board_task_Runs_and_gets_the_worker_as_its_instance()
    {
        using var agent = Agent;
        var task = await agent.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = Sample.BoardTask() });
        var held = Assert.Single((await ClaimAsync(agent, request => request.Kind = ResourceKind.BoardTask)).Leases).BoardTask;
        Assert.Equal((task.Id, BoardTaskStatus.Running, "w1"), (held.Id, held.Status, held.AssignedToInstanceId));
        Assert.True(held.Lease.SetAssignee);
    }

    [Fact]
    public async Task A_board_task_of_a_user_Is_ready_for_that_user_only()
    {
        using var agent = Agent;
        using var anna = fixture.Server.Client(_organization, "anna");
        using var bob = fixture.Server.Client(_organization, "bob");
        var own = Sample.BoardTask();
        own.AssignedToUserId = "anna";
        own.Priority = 1;
        await anna.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = own });
        var everybodys = await anna.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = Sample.BoardTask() });
        var bobs = await ClaimAsync(bob, request => (request.Kind, request.MaxTasks) = (ResourceKind.BoardTask, 10));
        Assert.Equal(everybodys.Id, Assert.Single(bobs.Leases).BoardTask.Id);
        Assert.Empty((await ClaimAsync(agent, request => request.Kind = ResourceKind.BoardTask)).Leases);
        var annas = await ClaimAsync(anna, request => (request.Kind, request.Filter) = (ResourceKind.BoardTask, "title = \"*\""));
        Assert.Single(annas.Leases);
    }

    [Fact]
    public async Task Executions_Of_a_finished_flow_are_out_until_it_runs_again()
    {
        using var user = User;
        var (flow, executions) = await user.CreateOpenFlowAsync(3);
        await user.TransitionAsync(flow, FlowExecutionStatus.Failed);
        Assert.Empty((await ClaimAsync(user, Executions)).Leases);
        await user.TransitionAsync(flow, FlowExecutionStatus.Running);
        var claimed = await ClaimAsync(user, Executions);
        // They were created at one moment, so their ids decide.
        Assert.Equal(executions.Select(execution => execution.Id).Order(StringComparer.Ordinal),
            claimed.Leases.Select(lease => lease.TaskExecution.Id));
        Assert.All(claimed.Leases, lease => Assert.Equal(TaskExecutionStatus.Running, lease.TaskExecution.Status));
        // Given back while the flow is finished, an execution is not ready.
        await user.TransitionAsync(flow, FlowExecutionStatus.Failed);
        var released = await user.Work.ReleaseAsync(new()
        {
            Kind = ResourceKind.TaskExecution,
            Id = claimed.Leases[0].TaskExecution.Id,
            LeaseToken = claimed.Leases[0].LeaseToken,
        });
        Assert.Equal(TaskExecutionStatus.Queued, released.TaskExecution.Status);
        Assert.Null(released.TaskExecution.StartedAt);
        Assert.Empty((await ClaimAsync(user, Executions)).Leases);
        await user.TransitionAsync(flow, FlowExecutionStatus.Running);
        Assert.Equal(released.TaskExecution.Id, Assert.Single((await ClaimAsync(user, Executions)).Leases).TaskExecution.Id);

        static void Executions(ClaimNextRequest request) => (request.Kind, request.MaxTasks) = (ResourceKind.TaskExecution, 10);
    }

    [Fact]
    public async Task A_repeated_claim_Gets_those_of_its_leases_that_still_stand()
    {
        using var agent = Agent;
        await CreateAsync(agent);
        await CreateAsync(agent);
        await CreateAsync(agent);
        var request = Request(ResourceKind.AgentTask);
        (request.MaxTasks, request.RequestId) = (2, Guid.NewGuid().ToString());
        var first = await agent.Work.ClaimNextAsync(request);
        Assert.Equal(2, first.Leases.Count);
        var again = await agent.Work.ClaimNextAsync(request);
        Assert.Equal(first.Revision, again.Revision);
        Assert.Equal(first.Leases.Select(lease => lease.LeaseToken), again.Leases.Select(lease => lease.LeaseToken));
        await agent.Work.ReleaseAsync(Release(first.Leases[0]));
        Assert.Equal(first.Leases[1].LeaseToken, Assert.Single((await agent.Work.ClaimNextAsync(request)).Leases).LeaseToken);
        request.MaxTasks = 3;
        await Refusal.OfAsync(ErrorReason.RequestIdReused, async () => await agent.Work.ClaimNextAsync(request));
    }

    [Fact]
    public async Task An_empty_answer_Uses_no_request_id_up_and_no_revision()
    {
        using var agent = Agent;
        var request = Request(ResourceKind.AgentTask);
        request.RequestId = Guid.NewGuid().ToString();
        var empty = await agent.Work.ClaimNextAsync(request);
        Assert.Empty(empty.Leases);
        Assert.Equal(0, empty.Revision);
        var task = await CreateAsync(agent);
        Assert.Equal(task.Id, Assert.Single((await agent.Work.ClaimNextAsync(request)).Leases).AgentTask.Id);
    }

    [Fact]
    public async Task Bad_claims_Are_refused_with_every_violation()
    {
        using var agent = Agent;
        await Refusal.OfFieldsAsync(
            async () => await agent.Work.ClaimNextAsync(new()
            {
                Kind = ResourceKind.MonitorTask,
                MaxTasks = 101,
                LeaseDuration = Duration.FromTimeSpan(TimeSpan.FromSeconds(4)),
                Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(61)),
            }),
            "kind", "max_tasks", "lease_duration", "wait", "worker");
        await Refusal.OfAsync(ErrorReason.InvalidFilter, () => ClaimAsync(agent, request => request.Filter = "nothing = 1"));
    }

    [Fact]
    public async Task Leases_Are_listed_without_their_tokens_page_by_page()
    {
        using var agent = Agent;
        for (var i = 0; i < 3; i++)
        {
            await CreateAsync(agent, task => task.Priority = i);
        }

        var claimed = await ClaimAsync(agent, request => request.MaxTasks = 3);
        var first = await agent.Work.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask, PageSize = 2 });
        var second = await agent.Work.ListLeasesAsync(
            new() { Kind = ResourceKind.AgentTask, PageSize = 2, PageToken = first.NextPageToken });
        Assert.Empty(second.NextPageToken);
        var listed = first.Leases.Concat(second.Leases).ToList();
        Assert.Equal(claimed.Leases.Select(lease => lease.AgentTask.Id).OrderDescending(StringComparer.Ordinal),
            listed.Select(lease => lease.Id));
        Assert.All(listed, lease => Assert.Equal(("agent-1", "w1"), (lease.Holder.Id, lease.Worker)));
        Assert.All(listed, lease => Assert.Equal(lease.ClaimedAt.ToDateTimeOffset().AddSeconds(60), lease.ExpiresAt.ToDateTimeOffset()));
        var filtered = await agent.Work.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask, Filter = "priority = 1" });
        Assert.Equal(claimed.Leases[1].AgentTask.Id, Assert.Single(filtered.Leases).Id);
        var found = await agent.AgentTasks.ListAgentTasksAsync(new() { Filter = "lease.worker = w1 AND claim_count = 1" });
        Assert.Equal(3, found.AgentTasks.Count);
    }

    private static async Task<AgentTask> CreateAsync(TaskGrpcClient client, Action<AgentTask>? set = null)
    {
        var task = Sample.AgentTask();
        set?.Invoke(task);
        return await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = task });
    }

    private static ClaimNextRequest Request(ResourceKind kind) => new() { Kind = kind, Worker = "w1" };

    private static async Task<ClaimNextResponse> ClaimAsync(TaskGrpcClient client, Action<ClaimNextRequest>? set = null)
    {
        var request = Request(ResourceKind.AgentTask);
        set?.Invoke(request);
        return await client.Work.ClaimNextAsync(request);
    }

    private static ReleaseRequest Release(Lease lease) =>
        new() { Kind = ResourceKind.AgentTask, Id = lease.Resource!.Id, LeaseToken = lease.LeaseToken };
}
