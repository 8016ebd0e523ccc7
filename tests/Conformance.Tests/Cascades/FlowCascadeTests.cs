using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Cascades;

/// <summary>Canceling a flow cancels any number of open executions, at most 1,000 in a revision.</summary>
public abstract class FlowCascadeTests(ServerFixture fixture)
{
    [Theory]
    [InlineData(1000, 1)]
    [InlineData(1001, 2)]
    [InlineData(3500, 4)]
    public async Task Cancel_Takes_a_revision_for_each_thousand_executions_and_keeps_actor_and_reason(int count, int revisions)
    {
        using var client = fixture.NewClient();
        var (flow, executions) = await client.CreateOpenFlowAsync(count);
        var done = await client.TransitionAsync(
            await client.TransitionAsync(executions[7], TaskExecutionStatus.Running), TaskExecutionStatus.Completed);
        executions.Add(await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "last")));
        using var robot = fixture.Server.Client(flow.OrganizationId, "conductor", "agent");
        using var watch = await WatchProbe.OpenAsync(client);
        var before = watch.Last.Revision;

        await robot.FlowExecutions.TransitionFlowExecutionAsync(
            new() { Id = flow.Id, Status = FlowExecutionStatus.Canceled, Reason = "too late" });
        await watch.UntilAsync(before + revisions);

        var log = watch.Events.Select(item => item.Change).ToList();
        Assert.All(log,
            change => Assert.Equal(("conductor", ActorType.Agent, "too late"), (change.Actor.Id, change.Actor.Type, change.Reason)));
        Assert.Equal(flow.Id, log[0].FlowExecution.Id);
        var sizes = log.Skip(1).GroupBy(change => change.Revision).Select(revision => revision.Count());
        Assert.Equal([.. Enumerable.Repeat(1000, revisions - 1), count - (1000 * (revisions - 1))], sizes);
        Assert.Equal(
            executions.Select(execution => execution.Id).Where(id => id != done.Id).Order(),
                log.Skip(1).Select(change => change.TaskExecution.Id).Order());
        Assert.All(log.Skip(1), change => Assert.Equal(
            (TaskExecutionStatus.Canceled, "conductor", change.ChangedAt),
            (change.TaskExecution.Status, change.TaskExecution.LastModifiedBy, change.TaskExecution.FinishedAt)));
        // Nothing follows a cascade that has ended: the next revision is the next command's.
        await client.CreateAgentTaskAsync();
        await watch.UntilAsync(before + revisions + 1);
        Assert.NotNull((await client.ListChangesAsync(new() { AfterRevision = before + revisions }).SingleAsync()).Change.AgentTask);
    }

    [Fact]
    public async Task While_a_cascade_goes_on_no_execution_of_its_flow_Starts()
    {
        using var client = fixture.NewClient();
        var (flow, executions) = await client.CreateOpenFlowAsync(3500);
        using var watch = await WatchProbe.OpenAsync(client);
        var before = watch.Last.Revision;
        var failed = await client.TransitionAsync(
            await client.TransitionAsync(executions[0], TaskExecutionStatus.Running), TaskExecutionStatus.Failed);
        var running = await client.TransitionAsync(executions[^2], TaskExecutionStatus.Running);
        await client.TransitionAsync(flow, FlowExecutionStatus.Canceled);

        await Refusal.OfAsync(
            ErrorReason.FlowExecutionFinished, () => client.TransitionAsync(executions[^1], TaskExecutionStatus.Running));
        await Refusal.OfAsync(ErrorReason.FlowExecutionFinished,
            () => client.TaskExecutions.RetryTaskExecutionAsync(new() { Id = failed.Id }).ResponseAsync);
        await Refusal.OfAsync(ErrorReason.FlowExecutionFinished, () => client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "new")));
        // A running one may still end by itself; the cascade then leaves it as it is.
        var completed = await client.TransitionAsync(running, TaskExecutionStatus.Completed);
        await watch.UntilAsync(before + 8);
        Assert.Equal(completed, await client.TaskExecutions.GetTaskExecutionAsync(new() { Id = running.Id }));
        Assert.Equal(3498, watch.Events.Count(item => item.Change.TaskExecution?.Status == TaskExecutionStatus.Canceled));
        Assert.DoesNotContain(watch.Events.Where(item => item.Change.Revision > before + 4),
            item => item.Change.TaskExecution?.Status == TaskExecutionStatus.Running);
    }
}
