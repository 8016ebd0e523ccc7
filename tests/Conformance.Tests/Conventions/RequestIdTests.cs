using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>A request_id makes a call repeatable: one change, one answer.</summary>
public abstract class RequestIdTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();
    private readonly string _requestId = Guid.NewGuid().ToString();

    [Fact]
    public async Task The_same_request_Returns_the_first_answer_and_changes_nothing()
    {
        using var anna = fixture.Server.Client(_organization);
        var create = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(), RequestId = _requestId };
        var created = await anna.AgentTasks.CreateAgentTaskAsync(create);
        await anna.TransitionAsync(created, AgentTaskStatus.Planning);

        Assert.Equal(created, await anna.AgentTasks.CreateAgentTaskAsync(create));

        Assert.Equal(2, (await anna.AgentTasks.ListAgentTasksAsync(new())).Revision);
    }

    [Fact]
    public async Task A_repeated_transition_and_delete_Are_answered_although_they_could_not_be_made_again()
    {
        using var anna = fixture.Server.Client(_organization);
        var task = await anna.CreateAgentTaskAsync();
        var transition =
            new TransitionAgentTaskRequest { Id = task.Id, Status = AgentTaskStatus.Planning, Etag = task.Etag, RequestId = _requestId };
        var delete = new DeleteAgentTaskRequest { Id = task.Id, RequestId = Guid.NewGuid().ToString() };

        var moved = await anna.AgentTasks.TransitionAgentTaskAsync(transition);
        var deleted = await anna.AgentTasks.DeleteAgentTaskAsync(delete);

        Assert.Equal(moved, await anna.AgentTasks.TransitionAgentTaskAsync(transition));
        Assert.Equal(deleted, await anna.AgentTasks.DeleteAgentTaskAsync(delete));
    }

    [Fact]
    public async Task The_verbs_of_every_kind_Are_repeatable()
    {
        using var anna = fixture.Server.Client(_organization);
        static string New() => Guid.NewGuid().ToString();
        var create = new CreateMonitorTaskRequest { MonitorTask = Sample.MonitorTask(), RequestId = New() };
        var monitor = await anna.MonitorTasks.CreateMonitorTaskAsync(create);
        var pause = new PauseMonitorTaskRequest { TaskId = monitor.TaskId, RequestId = New() };
        var trigger = new TriggerMonitorTaskRequest { TaskId = monitor.TaskId, TriggerKey = "k", RequestId = New() };
        var delivery = await anna.MonitorTasks.TriggerMonitorTaskAsync(trigger);
        var paused = await anna.MonitorTasks.PauseMonitorTaskAsync(pause);
        var flow = await anna.CreateFlowExecutionAsync();
        var execute = new CreateTaskExecutionRequest { TaskExecution = Sample.TaskExecution(flow), RequestId = New() };
        var execution = await anna.TaskExecutions.CreateTaskExecutionAsync(execute);
        await anna.TransitionAsync(execution, TaskExecutionStatus.Canceled);
        var retry = new RetryTaskExecutionRequest { Id = execution.Id, RequestId = New() };
        var retried = await anna.TaskExecutions.RetryTaskExecutionAsync(retry);
        var cancel = new TransitionFlowExecutionRequest { Id = flow.Id, Status = FlowExecutionStatus.Canceled, RequestId = New() };
        var canceled = await anna.FlowExecutions.TransitionFlowExecutionAsync(cancel);
        var head = (await anna.FlowExecutions.ListFlowExecutionsAsync(new())).Revision;

        Assert.Equal(monitor, await anna.MonitorTasks.CreateMonitorTaskAsync(create));
        Assert.Equal(delivery, await anna.MonitorTasks.TriggerMonitorTaskAsync(trigger));
        Assert.Equal(paused, await anna.MonitorTasks.PauseMonitorTaskAsync(pause));
        Assert.Equal(execution, await anna.TaskExecutions.CreateTaskExecutionAsync(execute));
        Assert.Equal(retried, await anna.TaskExecutions.RetryTaskExecutionAsync(retry));
        Assert.Equal(canceled, await anna.FlowExecutions.TransitionFlowExecutionAsync(cancel));
        Assert.Equal(head, (await anna.FlowExecutions.ListFlowExecutionsAsync(new())).Revision);
        trigger.EntityId = "other";
        await Refusal.OfAsync(ErrorReason.RequestIdReused, () => anna.MonitorTasks.TriggerMonitorTaskAsync(trigger).ResponseAsync);
    }

    [Fact]
    public async Task Another_request_with_the_same_id_Is_refused()
    {
        using var anna = fixture.Server.Client(_organization);
        await anna.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask("one"), RequestId = _requestId });

        await Refusal.OfAsync(ErrorReason.RequestIdReused,
            () => anna.AgentTasks.CreateAgentTaskAsync(
                new() { AgentTask = Sample.AgentTask("two"), RequestId = _requestId }).ResponseAsync);
        await Refusal.OfAsync(ErrorReason.RequestIdReused,
            () => anna.BoardTasks.CreateBoardTaskAsync(
                new() { BoardTask = Sample.BoardTask("one"), RequestId = _requestId }).ResponseAsync);
    }

    [Fact]
    public async Task A_refused_request_Burns_no_id()
    {
        using var anna = fixture.Server.Client(_organization);
        var task = await anna.CreateAgentTaskAsync();
        await Refusal.OfAsync(ErrorReason.InvalidTransition,
            () => anna.AgentTasks.TransitionAgentTaskAsync(
                new() { Id = task.Id, Status = AgentTaskStatus.Completed, RequestId = _requestId }).ResponseAsync);

        Assert.Equal(AgentTaskStatus.Planning,
            (await anna.AgentTasks.TransitionAgentTaskAsync(
                new() { Id = task.Id, Status = AgentTaskStatus.Planning, RequestId = _requestId })).Status);
    }

    [Fact]
    public async Task Another_caller_and_another_organization_Have_ids_of_their_own()
    {
        var request = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(), RequestId = _requestId };
        var ids = new HashSet<string>();
        foreach (var (organization, actor, type) in new[] { (_organization, "anna", "user"), (_organization, "bob", "user"),
            (_organization, "anna", "agent"), (fixture.NewOrganization(), "anna", "user") })
        {
            using var client = fixture.Server.Client(organization, actor, type);
            Assert.True(ids.Add((await client.AgentTasks.CreateAgentTaskAsync(request)).Id));
        }
    }

    [Fact]
    public async Task Many_repeats_at_once_Have_one_effect()
    {
        using var anna = fixture.Server.Client(_organization);
        var request = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(), RequestId = _requestId };

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => anna.AgentTasks.CreateAgentTaskAsync(request).ResponseAsync));

        Assert.Single(answers.Select(task => task.Id).Distinct());
        Assert.Equal(1, (await anna.AgentTasks.ListAgentTasksAsync(new())).Revision);
    }

    [Fact]
    public async Task Upper_case_ids_Are_the_same_id()
    {
        using var anna = fixture.Server.Client(_organization);
        var first = await anna.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask(), RequestId = _requestId });
        var refusal = Record.ExceptionAsync(() =>
            anna.AgentTasks.CreateAgentTaskAsync(
                new() { AgentTask = Sample.AgentTask(), RequestId = _requestId.ToUpperInvariant() }).ResponseAsync);
        Assert.Null(await refusal);
        Assert.Equal([first], (await anna.AgentTasks.ListAgentTasksAsync(new())).AgentTasks);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_Is_repeatable_too()
    {
        using var anna = fixture.Server.Client(_organization);
        var task = await anna.CreateAgentTaskAsync();
        var request = new UpdateAgentTaskRequest { AgentTask = new() { Id = task.Id, Title = task.Title }, RequestId = _requestId };
        var first = await anna.AgentTasks.UpdateAgentTaskAsync(request);
        await anna.TransitionAsync(task, AgentTaskStatus.Planning);

        Assert.Equal(first, await anna.AgentTasks.UpdateAgentTaskAsync(request));
    }
}
