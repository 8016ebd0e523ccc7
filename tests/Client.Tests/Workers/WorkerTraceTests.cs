using System.Collections.Concurrent;
using System.Diagnostics;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests.Workers;

public sealed class WorkerTraceTests(WorkerBench bench) : IClassFixture<WorkerBench>
{
    [Fact]
    public async Task Each_piece_of_work_Is_one_activity_linked_to_the_call_that_created_it()
    {
        var activities = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TaskGrpcTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var (user, agent, _) = bench.Clients();
        var creation = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var headers = new Grpc.Core.Metadata { { "traceparent", $"00-{creation.TraceId}-{creation.SpanId}-01" } };
        var task = await user.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = WorkerBench.Free() }, headers);
        var failing = await user.CreateAsync(WorkerBench.Free("failing"));
        Activity? inHandler = null;
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), (work, _) =>
        {
            inHandler ??= Activity.Current;
            return work.Resource.Id == failing.Id ? throw new InvalidOperationException("No.") : Task.CompletedTask;
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Completed);
            await WorkerBench.UntilAsync(user, failing.Id, own => own.Status == AgentTaskStatus.Failed);
        });

        var own = activities.Where(activity =>
            activity.GetTagItem("taskgrpc.id") as string is { } id && (id == task.Id || id == failing.Id));
        var (done, failed) = (own.First(), own.Last());
        Assert.Equal(2, own.Count());
        Assert.Same(inHandler, done);
        Assert.Equal(("process AgentTask", ActivityKind.Consumer, "completed"),
            (done.DisplayName, done.Kind, done.GetTagItem("taskgrpc.outcome")));
        Assert.Null(done.ParentId);
        Assert.Equal((creation.TraceId, creation.SpanId), (done.Links.Single().Context.TraceId, done.Links.Single().Context.SpanId));
        Assert.Equal(("failed", ActivityStatusCode.Error, "System.InvalidOperationException"),
            (failed.GetTagItem("taskgrpc.outcome"), failed.Status, failed.GetTagItem("error.type")));
        // The calls that end the work belong to it.
        Assert.Contains(activities, activity =>
            activity.ParentId == done.Id && activity.DisplayName.EndsWith("/TransitionAgentTask", StringComparison.Ordinal));
    }
}
