using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>Waits for one resource.</summary>
public sealed class WaitTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_wait_Sees_the_present_state_and_each_later_one()
    {
        using var client = server.NewClient();
        var task = await client.CreateAsync(Sample.AgentTask());
        Assert.Equal(task, await client.WaitForAgentTaskAsync(task.Id, AgentTaskStatus.Queued, Limit));

        var seen = new List<AgentTaskStatus>();
        var started = new TaskCompletionSource();
        var waiting = client.WaitForAgentTaskAsync(
            task.Id,
            own =>
            {
                seen.Add(own.Status);
                started.TrySetResult();
                return own.Status == AgentTaskStatus.Canceled;
            },
            Limit);
        await started.Task.WaitAsync(Limit);
        AgentTaskStatus[] moves = [AgentTaskStatus.Planning, AgentTaskStatus.Queued, AgentTaskStatus.Canceled];
        foreach (var status in moves)
        {
            await client.TransitionAsync(task.Id, status);
        }

        Assert.Equal(AgentTaskStatus.Canceled, (await waiting).Status);
        Assert.Equal([AgentTaskStatus.Queued, .. moves], seen);
    }

    [Fact]
    public async Task Each_kind_with_a_lifecycle_Has_a_wait()
    {
        using var client = server.NewClient();
        var board = await client.CreateAsync(Sample.BoardTask());
        var monitor = await client.CreateAsync(Sample.MonitorTask());
        var flow = await client.CreateAsync(Sample.FlowExecution());
        var execution = await client.CreateAsync(Sample.TaskExecution(flow));
        var waits = Task.WhenAll(
            client.WaitForBoardTaskAsync(board.Id, own => own.Title == "done", Limit),
            client.WaitForMonitorTaskAsync(monitor.TaskId, MonitorTaskStatus.Paused, Limit),
            client.WaitForFlowExecutionAsync(flow.Id, FlowExecutionStatus.Running, Limit),
            client.WaitForTaskExecutionAsync(execution.Id, TaskExecutionStatus.Canceled, Limit));

        await client.UpdateBoardTaskAsync(board.Id, own => own.Title = "done");
        await client.PauseMonitorTaskAsync(monitor.TaskId);
        await client.TransitionAsync(flow.Id, FlowExecutionStatus.Running);
        await client.TransitionAsync(execution.Id, TaskExecutionStatus.Canceled);
        await waits;
    }

    [Fact]
    public async Task A_deletion_Ends_the_wait_before_it_and_during_it()
    {
        using var client = server.NewClient();
        var task = await client.CreateAsync(Sample.AgentTask());
        var started = new TaskCompletionSource();
        var waiting = client.WaitForAgentTaskAsync(
            task.Id,
            own =>
            {
                started.TrySetResult();
                return own.Status == AgentTaskStatus.Completed;
            },
            Limit);
        await started.Task.WaitAsync(Limit);
        await client.DeleteAsync(task);

        var deleted = await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => waiting);
        Assert.Contains("was deleted before it met the condition", deleted.Message, StringComparison.Ordinal);
        await Refusal.OfAsync(
            ErrorReason.ResourceNotFound, () => client.WaitForAgentTaskAsync(task.Id, AgentTaskStatus.Completed, Limit));

        var monitor = await client.CreateAsync(Sample.MonitorTask());
        await client.DeleteAsync(monitor);
        Assert.NotNull(await client.WaitForMonitorTaskAsync(monitor.TaskId, MonitorTaskStatus.Deleted, Limit));
    }

    [Fact]
    public async Task An_unknown_id_and_one_of_another_kind_Are_refused()
    {
        using var client = server.NewClient();
        var board = await client.CreateAsync(Sample.BoardTask());
        foreach (var id in (string[])[Guid.NewGuid().ToString(), board.Id])
        {
            await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => client.WaitForAgentTaskAsync(id, AgentTaskStatus.Queued, Limit));
        }

        await Refusal.OfAsync(ErrorReason.InvalidField, () => client.WaitForAgentTaskAsync("x", AgentTaskStatus.Queued, Limit));
    }

    [Fact]
    public async Task Time_and_cancellation_End_the_wait()
    {
        using var client = server.NewClient();
        var task = await client.CreateAsync(Sample.AgentTask());
        var late = await Assert.ThrowsAsync<TimeoutException>(
            () => client.WaitForAgentTaskAsync(task.Id, AgentTaskStatus.Completed, TimeSpan.FromSeconds(1)));
        Assert.Contains($"AgentTask {task.Id} did not meet the condition within 00:00:01. Its status is Queued.", late.Message,
            StringComparison.Ordinal);

        using var stop = new CancellationTokenSource();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.WaitForAgentTaskAsync(
            task.Id,
            own =>
            {
                stop.Cancel();
                return false;
            },
            cancellationToken: stop.Token));
        Assert.Equal(stop.Token, cancelled.CancellationToken);
    }

    [Fact]
    public async Task A_timeout_at_its_bound_Is_taken_and_beyond_it_refused()
    {
        using var client = server.NewClient();
        var task = await client.CreateAsync(Sample.AgentTask());
        foreach (var timeout in (TimeSpan[])[TimeSpan.FromDays(24), Timeout.InfiniteTimeSpan])
        {
            Assert.NotNull(await client.WaitForAgentTaskAsync(task.Id, AgentTaskStatus.Queued, timeout));
        }

        foreach (var timeout in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromSeconds(-1), TimeSpan.FromDays(24) + TimeSpan.FromTicks(1)])
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                () => client.WaitForAgentTaskAsync(task.Id, AgentTaskStatus.Queued, timeout));
        }
    }

    [Fact]
    public async Task A_wait_Outlasts_a_restart_of_the_server_without_a_gap()
    {
        using var folder = new TemporaryFolder();
        using var process = new ServerProcess(folder.Path);
        await process.StartAsync();
        using var client = process.Client("default", maxAttempts: 10);
        var task = await client.CreateAsync(Sample.AgentTask());
        var seen = new List<AgentTaskStatus>();
        var (queued, planning) = (new TaskCompletionSource(), new TaskCompletionSource());
        var waiting = client.WaitForAgentTaskAsync(
            task.Id,
            own =>
            {
                seen.Add(own.Status);
                (own.Status == AgentTaskStatus.Queued ? queued : planning).TrySetResult();
                return own.Status == AgentTaskStatus.Canceled;
            },
            TimeSpan.FromMinutes(2));
        await queued.Task.WaitAsync(Limit);
        await client.TransitionAsync(task.Id, AgentTaskStatus.Planning);
        // A change comes after the snapshot, so from here on the wait has a token. A cut snapshot would begin again with the last state.
        await planning.Task.WaitAsync(Limit);

        await process.KillAsync();
        await process.StartAsync();
        await client.TransitionAsync(task.Id, AgentTaskStatus.AwaitingApproval);
        await client.TransitionAsync(task.Id, AgentTaskStatus.Canceled);

        await waiting;
        Assert.Equal(
            [AgentTaskStatus.Queued, AgentTaskStatus.Planning, AgentTaskStatus.AwaitingApproval, AgentTaskStatus.Canceled],
            seen.Distinct());
    }
}
