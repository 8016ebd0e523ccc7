using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests.Workers;

/// <summary>How a worker ends its work, by what the handler returns or throws.</summary>
public sealed class WorkerOutcomeTests(WorkerBench bench) : IClassFixture<WorkerBench>
{
    [Fact]
    public async Task An_agent_task_Is_completed_with_the_result_and_the_last_report()
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var worker = new TaskGrpcWorker<AgentTask>(agent, new() { Worker = "host-1" }, async (work, _) =>
        {
            Assert.Equal((AgentTaskStatus.Planning, 1, "host-1"), (work.Resource.Status, work.ClaimCount, work.Resource.Lease!.Worker));
            Assert.Equal(work.LeaseRevision, work.Resource.Lease!.LeaseRevision);
            await work.ReportAsync(50, "half");
            return Value.ForString("paid");
        });

        await WorkerBench.WhileAsync(worker, () => WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Completed));

        var end = await user.GetAgentTaskAsync(task.Id);
        Assert.Equal(("paid", 50, "half"), (end.Result.StringValue, end.Progress.Percent, end.Progress.Note));
        Assert.Null(end.Lease);
        var statuses = (await WorkerBench.ChangesAsync(user, task.Id)).Where(change => change.Transition is not null);
        Assert.Equal(["QUEUED", "PLANNING", "EXECUTING", "COMPLETED"],
            statuses.Select(change => change.Transition.To["AGENT_TASK_STATUS_".Length..]));
    }

    [Fact]
    public async Task A_deterministic_task_and_a_handler_without_a_result_Are_completed_too()
    {
        var (user, agent, _) = bench.Clients();
        var own = WorkerBench.Free();
        own.ExecutionMode = ExecutionMode.Deterministic;
        var task = await user.CreateAsync(own);
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), async (work, token) =>
            Assert.Same(work.Resource, await work.StartExecutingAsync(token)));

        await WorkerBench.WhileAsync(
            worker, () => WorkerBench.UntilAsync(user, task.Id, seen => seen.Status == AgentTaskStatus.Completed));
        Assert.Null((await user.GetAgentTaskAsync(task.Id)).Result);
    }

    [Fact]
    public async Task A_handler_that_throws_Fails_the_agent_task_with_its_message()
    {
        var (user, agent, _) = bench.Clients();
        var tasks = await user.BatchCreateAsync([WorkerBench.Free("a"), WorkerBench.Free("b"), WorkerBench.Free("c")]);
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), (work, _) => work.Resource.Title switch
        {
            "a" => throw new InvalidOperationException("The order is closed."),
            "b" => throw new TaskCanceledException("The payment service took too long."),
            _ => throw new InvalidOperationException(new string('€', 30_000)),
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            foreach (var task in tasks)
            {
                await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Failed);
            }
        });

        var ends = await user.BatchGetAgentTasksAsync(tasks.Select(task => task.Id));
        // Without a request to cancel, a canceled call of the handler's own is a failure.
        Assert.Equal(["The order is closed.", "The payment service took too long."], ends.Take(2).Select(end => end.LastError));
        Assert.EndsWith("€…", ends[2].LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_needs_an_approval_Waits_for_it_and_is_claimed_again()
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(Sample.AgentTask());
        var runs = new List<(AgentTaskStatus, int, bool)>();
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), async (work, token) =>
        {
            runs.Add((work.Resource.Status, work.ClaimCount, work.Resource.Approval?.Decision == ApprovalDecision.Rejected));
            if (work.Resource.Status == AgentTaskStatus.Planning)
            {
                Assert.Equal(AgentTaskStatus.AwaitingApproval, (await work.RequestApprovalAsync("Refund 20 euros", token)).Status);
                Assert.True(work.IsEnded);
                await Assert.ThrowsAsync<InvalidOperationException>(() => work.RequestApprovalAsync(cancellationToken: token));
                return null;
            }

            return Value.ForNumber(20);
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            await user.RejectAsync(await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.AwaitingApproval));
            await user.ApproveAsync(await WorkerBench.UntilAsync(
                user, task.Id, own => own.Status == AgentTaskStatus.AwaitingApproval && own.ClaimCount == 2));
            await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Completed);
        });

        Assert.Equal(
            [(AgentTaskStatus.Planning, 1, false), (AgentTaskStatus.Planning, 2, true), (AgentTaskStatus.Executing, 3, false)], runs);
        Assert.Equal(20, (await user.GetAgentTaskAsync(task.Id)).Result.NumberValue);
    }

    [Fact]
    public async Task A_handler_that_forgets_the_approval_Fails_the_task_with_what_to_do()
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(Sample.AgentTask());
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), async (work, token) =>
        {
            await Refusal.OfAsync(ErrorReason.ApprovalRequired, () => work.StartExecutingAsync(token));
            return Value.ForString("done without asking");
        });

        await WorkerBench.WhileAsync(worker, () => WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Failed));
        var end = await user.GetAgentTaskAsync(task.Id);
        Assert.Contains("work.RequestApprovalAsync()", end.LastError, StringComparison.Ordinal);
        Assert.Null(end.Result);
    }

    [Fact]
    public async Task A_result_that_the_server_refuses_Fails_the_task()
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var worker = new TaskGrpcWorker<AgentTask>(
            agent, new(), (_, _) => Task.FromResult<Value?>(Value.ForString(new string('x', 1024 * 1024 + 1))));

        await WorkerBench.WhileAsync(worker, () => WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Failed));
        Assert.Contains("result", (await user.GetAgentTaskAsync(task.Id)).LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_task_Is_done_and_after_a_failure_goes_back_for_a_while()
    {
        var (user, agent, _) = bench.Clients();
        var (good, bad) = (await user.CreateAsync(Sample.BoardTask("good")), await user.CreateAsync(Sample.BoardTask("bad")));
        var worker = new TaskGrpcWorker<BoardTask>(agent, new() { Worker = "desk" }, (work, _) =>
            work.Resource.Title == "bad" && work.ClaimCount < 2 ? throw new InvalidOperationException("No seats.") : Task.CompletedTask);

        await WorkerBench.WhileAsync(worker, async () =>
        {
            await user.WaitForBoardTaskAsync(good.Id, BoardTaskStatus.Done);
            var back = await user.WaitForBoardTaskAsync(bad.Id, own => own.NotBefore is not null);
            Assert.Equal((BoardTaskStatus.Backlog, false, 1), (back.Status, back.HasAssignedToInstanceId, back.ClaimCount));
            Assert.InRange((back.NotBefore - back.UpdatedAt).ToTimeSpan(), TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(11));
            Assert.Equal("No seats.", (await WorkerBench.ChangesAsync(user, bad.Id))[^1].Reason);

            bench.Server.Clock.Advance(TimeSpan.FromSeconds(12));
            await user.WaitForBoardTaskAsync(bad.Id, BoardTaskStatus.Done);
        });
    }

    [Fact]
    public async Task A_task_execution_Has_an_output_or_an_error_with_type_and_traceback()
    {
        var (user, agent, _) = bench.Clients();
        var flow = await user.CreateAsync(Sample.FlowExecution());
        var executions = await user.BatchCreateAsync([Sample.TaskExecution(flow, "a"), Sample.TaskExecution(flow, "b")]);
        var worker = new TaskGrpcWorker<TaskExecution>(agent, new() { Filter = $"flow_execution_id = \"{flow.Id}\"" }, (work, _) =>
            work.Resource.TaskName == "b" ? throw new ArgumentException("No such order.") : Task.FromResult<Value?>(Value.ForBool(true)));

        await WorkerBench.WhileAsync(worker, async () =>
        {
            await user.WaitForTaskExecutionAsync(executions[0].Id, TaskExecutionStatus.Completed);
            await user.WaitForTaskExecutionAsync(executions[1].Id, TaskExecutionStatus.Failed);
        });

        var ends = await user.BatchGetTaskExecutionsAsync(executions.Select(execution => execution.Id));
        Assert.True(ends[0].Output.BoolValue);
        Assert.Equal(("No such order.", "System.ArgumentException"), (ends[1].Error.Message, ends[1].Error.Type));
        Assert.Contains(nameof(WorkerOutcomeTests), ends[1].Error.Traceback, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_Gives_its_work_back_for_later()
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), async (work, cancellationToken) =>
        {
            var later = bench.Server.Clock.GetUtcNow() + TimeSpan.FromHours(1);
            return work.ClaimCount == 1
                ? (await work.ReleaseAsync("The shop is closed.", later, cancellationToken)).Lease is null ? null : Value.ForBool(false)
                : Value.ForBool(true);
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            var back = await WorkerBench.UntilAsync(user, task.Id, own => own.NotBefore is not null);
            Assert.Equal((AgentTaskStatus.Planning, 0), (back.Status, back.ExpiredLeases));
            Assert.Equal("The shop is closed.", (await WorkerBench.ChangesAsync(user, task.Id))[^1].Reason);
            bench.Server.Clock.Advance(TimeSpan.FromHours(1));
            Assert.True((await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Completed)).Result.BoolValue);
        });
    }

    [Fact]
    public async Task A_report_that_the_server_would_refuse_Is_refused_at_once()
    {
        var (user, _, _) = bench.Clients();
        var work = new TaskGrpcWork<AgentTask>(user, new Lease { AgentTask = Sample.AgentTask() });
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => work.ReportAsync(101));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => work.ReportAsync(-1));
        await Assert.ThrowsAsync<ArgumentException>(() => work.ReportAsync(1, new string('x', 1001)));
        Assert.True(work.ReportAsync(100, string.Concat(Enumerable.Repeat("😀", 1000))).IsCompletedSuccessfully);
        Assert.Throws<ArgumentException>(() => new TaskGrpcWork<BoardTask>(user, new Lease { AgentTask = Sample.AgentTask() }));
    }
}
