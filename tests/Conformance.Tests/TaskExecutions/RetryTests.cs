using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.TaskExecutionStatus;

namespace TaskGrpc.Conformance.Tests.TaskExecutions;

/// <summary>
/// Only the latest attempt at a task can be retried, so one failure starts one retry, even if several schedulers see it.
/// </summary>
public abstract class RetryTests(ServerFixture fixture)
{
    [Fact]
    public async Task Retry_of_an_earlier_attempt_Is_refused_and_names_the_latest()
    {
        using var client = fixture.NewClient();
        var first = await FailedAsync(client, await client.CreateFlowExecutionAsync());
        var second = await RetryAsync(client, first);

        var refusal = await Refusal.OfAsync(ErrorReason.NotLatestAttempt, () => RetryAsync(client, first));

        Assert.Equal(second.Id, refusal.Details["latest_id"]);
        Assert.Equal(Grpc.Core.StatusCode.FailedPrecondition, refusal.StatusCode);
        // The named execution can be retried once it has failed too; the first stays refused, also when STALE.
        await client.TransitionAsync(second, Canceled);
        var third = await RetryAsync(client, second);
        Assert.Equal(2, third.TaskExecutionIndex);
        await client.TransitionAsync(first, Stale);
        Assert.Equal(
            third.Id, (await Refusal.OfAsync(ErrorReason.NotLatestAttempt, () => RetryAsync(client, first))).Details["latest_id"]);
        Assert.Equal(3, await client.ListTaskExecutionsAsync(new() { ShowDeleted = true }).CountAsync());
    }

    [Fact]
    public async Task Six_callers_that_saw_one_failure_Start_one_retry()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        for (var round = 0; round < 5; round++)
        {
            var failed = await FailedAsync(client, flow, $"task-{round}");
            var refusals = (
                await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Record.ExceptionAsync(() => RetryAsync(client, failed)).AsTask())))
                    .OfType<TaskGrpcException>().ToArray();

            var attempts = await client.ListTaskExecutionsAsync(
                new() { Filter = $"task_name = \"{failed.TaskName}\"", OrderBy = "created_at" }).ToListAsync();
            Assert.Equal([0, 1], attempts.Select(attempt => attempt.TaskExecutionIndex));
            Assert.Equal(5, refusals.Length);
            Assert.All(refusals,
                refusal => Assert.Equal((ErrorReason.NotLatestAttempt, attempts[1].Id), (refusal.Reason, refusal.Details["latest_id"])));
        }
    }

    [Fact]
    public async Task One_request_sent_six_times_Makes_one_retry_and_has_one_answer()
    {
        using var client = fixture.NewClient();
        var failed = await FailedAsync(client, await client.CreateFlowExecutionAsync());
        var request = new RetryTaskExecutionRequest { Id = failed.Id, RequestId = Guid.NewGuid().ToString() };

        var answers =
            await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => client.TaskExecutions.RetryTaskExecutionAsync(request).ResponseAsync));

        Assert.Single(answers.Distinct());
        await client.TransitionAsync(answers[0], Canceled);
        await RetryAsync(client, answers[0]);
        // A repeat returns the first answer, although two later attempts exist by now.
        Assert.Equal(answers[0], await client.TaskExecutions.RetryTaskExecutionAsync(request));
        Assert.Equal(3, await client.ListTaskExecutionsAsync().CountAsync());
    }

    [Fact]
    public async Task A_later_attempt_that_was_deleted_Is_still_the_latest_and_the_message_says_what_to_do()
    {
        using var client = fixture.NewClient();
        var first = await FailedAsync(client, await client.CreateFlowExecutionAsync());
        var second = await RetryAsync(client, first);
        await client.TaskExecutions.DeleteTaskExecutionAsync(new() { Id = second.Id });

        var refusal = await Refusal.OfAsync(ErrorReason.NotLatestAttempt, () => RetryAsync(client, first));

        Assert.Equal(second.Id, refusal.Details["latest_id"]);
        Assert.Contains("CreateTaskExecution", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(2,
            (await client.CreateTaskExecutionAsync(
                new() { FlowExecutionId = first.FlowExecutionId, TaskName = first.TaskName, Input = first.Input })).TaskExecutionIndex);
    }

    [Fact]
    public async Task The_latest_attempt_Is_the_one_with_the_highest_index_of_the_same_task()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        var seventh = await FailedAsync(client, flow, index: 7);
        var fifth = await FailedAsync(client, flow, index: 5);
        var other = await FailedAsync(client, flow, "other");

        Assert.Equal(
            seventh.Id, (await Refusal.OfAsync(ErrorReason.NotLatestAttempt, () => RetryAsync(client, fifth))).Details["latest_id"]);
        Assert.Equal(8, (await RetryAsync(client, seventh)).TaskExecutionIndex);
        Assert.Equal(1, (await RetryAsync(client, other)).TaskExecutionIndex);
    }

    [Fact]
    public async Task The_checks_Come_in_their_order()
    {
        using var client = fixture.NewClient();
        var flow = await client.TransitionAsync(await client.CreateFlowExecutionAsync(), FlowExecutionStatus.Running);
        var failed = await FailedAsync(client, flow);
        var done = await client.CreateTaskExecutionAsync(new() { FlowExecutionId = flow.Id, TaskName = "done", Status = Completed });
        await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "done"));
        await RetryAsync(client, failed);

        // The order of checks: etag, table, then the guards: the flow before its attempts.
        await Refusal.OfAsync(ErrorReason.EtagMismatch,
            () => client.TaskExecutions.RetryTaskExecutionAsync(new() { Id = done.Id, Etag = "x" }).ResponseAsync);
        await Refusal.OfAsync(ErrorReason.InvalidTransition, () => RetryAsync(client, done));
        await Refusal.OfAsync(ErrorReason.NotLatestAttempt, () => RetryAsync(client, failed));
        await client.TransitionAsync(flow, FlowExecutionStatus.Failed);
        await Refusal.OfAsync(ErrorReason.InvalidTransition, () => RetryAsync(client, done));
        await Refusal.OfAsync(ErrorReason.FlowExecutionFinished, () => RetryAsync(client, failed));
        await client.TransitionAsync(flow, FlowExecutionStatus.Running);
        await client.TaskExecutions.DeleteTaskExecutionAsync(new() { Id = failed.Id });
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => RetryAsync(client, failed));
    }

    private static async Task<TaskExecution> FailedAsync(
        TaskGrpcClient client, FlowExecution flow, string name = "fetch", int? index = null)
    {
        var execution = Sample.TaskExecution(flow, name);
        (execution.Status, execution.Error) = (Failed, new() { Message = "It did not work." });
        if (index is { } asked)
        {
            execution.TaskExecutionIndex = asked;
        }

        return await client.CreateTaskExecutionAsync(execution);
    }

    private static Task<TaskExecution> RetryAsync(TaskGrpcClient client, TaskExecution execution) =>
        client.TaskExecutions.RetryTaskExecutionAsync(new() { Id = execution.Id }).ResponseAsync;
}
