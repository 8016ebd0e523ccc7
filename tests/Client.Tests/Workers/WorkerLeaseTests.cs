using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests.Workers;

/// <summary>A worker keeps its leases, and hears when it must stop.</summary>
public sealed class WorkerLeaseTests(WorkerBench bench) : IClassFixture<WorkerBench>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _begun = New();
    private readonly TaskCompletionSource _goOn = New();

    [Fact]
    public async Task Heartbeats_Keep_the_lease_longer_than_its_duration_and_tell_reports()
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var worker = new TaskGrpcWorker<AgentTask>(agent, new() { LeaseDuration = TimeSpan.FromSeconds(60) }, async (work, _) =>
        {
            await work.ReportAsync(10, "begun");
            _begun.SetResult();
            await _goOn.Task;
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            await _begun.Task.WaitAsync(Limit);
            for (var i = 0; i < 8; i++)
            {
                await bench.BeatAsync(user, task.Id);
            }

            Assert.Equal("begun", (await user.GetAgentTaskAsync(task.Id)).Progress.Note);
            _goOn.SetResult();
            var end = await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Completed);
            Assert.Equal((1, 0), (end.ClaimCount, end.ExpiredLeases));
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_to_cancel_Reaches_the_handler_which_stops_or_completes(bool stops)
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var seen = ("", false);
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), async (work, cancellationToken) =>
        {
            _begun.SetResult();
            await CancelledAsync(cancellationToken);
            seen = (work.CancelReason ?? "", work.IsLost);
            if (stops)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        });

        var expected = stops ? AgentTaskStatus.Canceled : AgentTaskStatus.Completed;
        await WorkerBench.WhileAsync(worker, async () =>
        {
            await _begun.Task.WaitAsync(Limit);
            await user.RequestCancelAsync(ResourceKind.AgentTask, task.Id, "The customer paid.");
            bench.Server.Clock.Advance(TimeSpan.FromSeconds(10));
            await WorkerBench.UntilAsync(user, task.Id, own => own.Status == expected);
        });
        Assert.Equal(("The customer paid.", false), seen);
    }

    [Fact]
    public async Task A_lost_lease_Reaches_the_handler_and_nothing_is_written_afterwards()
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var seen = false;
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), async (work, cancellationToken) =>
        {
            _begun.SetResult();
            await CancelledAsync(cancellationToken);
            seen = work.IsLost;
            _goOn.SetResult();
            return Value.ForString("too late");
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            await _begun.Task.WaitAsync(Limit);
            await user.TransitionAsync(task.Id, AgentTaskStatus.Blocked, "A person takes over.");
            bench.Server.Clock.Advance(TimeSpan.FromSeconds(10));
            await _goOn.Task.WaitAsync(Limit);
        });

        // The worker has stopped, so nothing of it can follow.
        Assert.True(seen);
        Assert.Equal("A person takes over.", (await WorkerBench.ChangesAsync(user, task.Id))[^1].Reason);
    }

    [Fact]
    public async Task A_lease_that_passes_unheard_Is_lost_and_the_next_handler_waits_for_the_first()
    {
        var (user, agent, disturbance) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var running = 0;
        var runs = new ConcurrentQueue<(int Claim, bool IsLost, int Running)>();
        var worker = new TaskGrpcWorker<AgentTask>(agent, new() { Concurrency = 2 }, async (work, cancellationToken) =>
        {
            var now = Interlocked.Increment(ref running);
            if (work.ClaimCount == 1)
            {
                _begun.SetResult();
                await CancelledAsync(cancellationToken);
                // A handler that does not stop at once.
                await _goOn.Task;
            }

            runs.Enqueue((work.ClaimCount, work.IsLost, now));
            Interlocked.Decrement(ref running);
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            await _begun.Task.WaitAsync(Limit);
            disturbance.LosesHeartbeats = true;
            bench.Server.Clock.Advance(TimeSpan.FromSeconds(62));
            var again = await WorkerBench.UntilAsync(user, task.Id, own => own.ClaimCount == 2);
            Assert.Equal(1, again.ExpiredLeases);
            disturbance.LosesHeartbeats = false;

            // The worker holds the second lease, and its handler has not begun.
            await bench.BeatAsync(user, task.Id);
            Assert.Empty(runs);
            Assert.Equal(1, running);
            _goOn.SetResult();
            await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Completed);
        });
        Assert.Equal([(1, true, 1), (2, false, 1)], runs);
    }

    [Fact]
    public async Task A_handler_that_never_returns_Does_not_keep_its_task_from_other_workers()
    {
        var (user, agent, disturbance) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var worker = new TaskGrpcWorker<AgentTask>(agent, new() { Concurrency = 2 }, async (work, _) =>
        {
            _begun.TrySetResult();
            await _goOn.Task;
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            await _begun.Task.WaitAsync(Limit);
            disturbance.LosesHeartbeats = true;
            bench.Server.Clock.Advance(TimeSpan.FromSeconds(62));
            await WorkerBench.UntilAsync(user, task.Id, own => own.ClaimCount == 2);
            disturbance.LosesHeartbeats = false;
            for (var i = 0; i < 5; i++)
            {
                await bench.BeatAsync(user, task.Id);
            }

            Assert.Equal(2, (await user.GetAgentTaskAsync(task.Id)).ClaimCount);
            bench.Server.Clock.Advance(TimeSpan.FromSeconds(10));
            await WorkerBench.UntilAsync(user, task.Id, own => own.ClaimCount == 3);
            _goOn.SetResult();
        });
        var reasons = (await WorkerBench.ChangesAsync(user, task.Id)).Select(change => change.Reason);
        Assert.Contains("An earlier run of this work has not ended in the same worker.", reasons);
    }

    [Fact]
    public async Task Claims_whose_answers_are_lost_Are_repeated_and_each_task_is_done_once()
    {
        var (user, agent, disturbance) = bench.Clients();
        var tasks = await user.BatchCreateAsync([WorkerBench.Free("a"), WorkerBench.Free("b"), WorkerBench.Free("c")]);
        var done = new ConcurrentQueue<string>();
        disturbance.LostClaims = 3;
        var worker = new TaskGrpcWorker<AgentTask>(agent, new() { Concurrency = 2 }, (work, _) =>
        {
            done.Enqueue(work.Resource.Title);
            return Task.CompletedTask;
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            foreach (var task in tasks)
            {
                var end = await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Completed);
                Assert.Equal((1, 0), (end.ClaimCount, end.ExpiredLeases));
            }
        });
        Assert.Equal(["a", "b", "c"], done.Order());
        Assert.True(disturbance.LostClaims < 0);
    }

    [Fact]
    public async Task Handlers_Run_side_by_side_up_to_the_bound()
    {
        var (user, agent, _) = bench.Clients();
        var tasks = await user.BatchCreateAsync(Enumerable.Range(0, 12).Select(i => WorkerBench.Free($"{i}")));
        var (running, most) = (0, 0);
        var worker = new TaskGrpcWorker<AgentTask>(agent, new() { Concurrency = 4 }, async (_, _) =>
        {
            var now = Interlocked.Increment(ref running);
            lock (tasks)
            {
                most = Math.Max(most, now);
            }

            if (now == 4)
            {
                _goOn.TrySetResult();
            }

            // The first four wait for each other.
            await _goOn.Task;
            await Task.Yield();
            Interlocked.Decrement(ref running);
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            foreach (var task in tasks)
            {
                await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Completed);
            }
        });
        Assert.Equal(4, most);
    }

    [Fact]
    public async Task A_restart_of_the_server_Disturbs_neither_a_handler_nor_the_claims()
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), async (_, _) =>
        {
            _begun.TrySetResult();
            await _goOn.Task;
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            await _begun.Task.WaitAsync(Limit);
            var restart = bench.Server.RestartAsync();
            // The handler ends while no server is there, or just after.
            _goOn.SetResult();
            await restart;
            var end = await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Completed);
            Assert.Equal((1, 0), (end.ClaimCount, end.ExpiredLeases));
            var next = await user.CreateAsync(WorkerBench.Free());
            await WorkerBench.UntilAsync(user, next.Id, own => own.Status == AgentTaskStatus.Completed);
        });
    }

    private static async Task CancelledAsync(CancellationToken cancellationToken)
    {
        var cancelled = New();
        await using var registration = cancellationToken.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(Limit, CancellationToken.None);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
