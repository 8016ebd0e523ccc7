using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests.Workers;

/// <summary>A worker that stops finishes what it can, and gives the rest back.</summary>
public sealed class WorkerStopTests(WorkerBench bench) : IClassFixture<WorkerBench>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();

    [Fact]
    public async Task A_running_handler_Finishes_and_nothing_new_is_claimed()
    {
        var (user, agent, _) = bench.Clients();
        AgentTask[] tasks = [await user.CreateAsync(WorkerBench.Free("a")), await user.CreateAsync(WorkerBench.Free("b"))];
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), async (work, cancellationToken) =>
        {
            _begun.SetResult();
            await _goOn.Task;
            Assert.Equal((true, false), (work.ShutdownToken.IsCancellationRequested, cancellationToken.IsCancellationRequested));
        });

        var running = worker.RunAsync(_stop.Token);
        await _begun.Task.WaitAsync(Limit);
        await Assert.ThrowsAsync<InvalidOperationException>(() => worker.RunAsync());
        await _stop.CancelAsync();
        Assert.False(running.IsCompleted);
        _goOn.SetResult();
        await running.WaitAsync(Limit);

        var ends = await user.BatchGetAgentTasksAsync(tasks.Select(task => task.Id));
        Assert.Equal([AgentTaskStatus.Completed, AgentTaskStatus.Queued], ends.Select(end => end.Status));
    }

    [Fact]
    public async Task A_handler_beyond_the_timeout_Is_canceled_and_its_task_goes_back()
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var worker = new TaskGrpcWorker<AgentTask>(agent, new() { ShutdownTimeout = TimeSpan.FromSeconds(30) }, async (work, token) =>
        {
            _begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });

        var running = worker.RunAsync(_stop.Token);
        await _begun.Task.WaitAsync(Limit);
        await _stop.CancelAsync();
        await AdvanceUntilAsync(running);

        await IsBackAsync(user, task.Id);
    }

    [Fact]
    public async Task A_handler_that_does_not_return_Loses_its_task_and_cannot_write_any_more()
    {
        var (user, agent, _) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        var worker = new TaskGrpcWorker<AgentTask>(agent, new() { ShutdownTimeout = TimeSpan.Zero }, async (work, _) =>
        {
            _begun.SetResult();
            await _goOn.Task;
        });

        var running = worker.RunAsync(_stop.Token);
        await _begun.Task.WaitAsync(Limit);
        await _stop.CancelAsync();
        await AdvanceUntilAsync(running);

        await IsBackAsync(user, task.Id);
        _goOn.SetResult();
    }

    [Fact]
    public async Task A_claim_that_the_stop_cuts_off_Leaves_no_lease()
    {
        var (user, agent, disturbance) = bench.Clients();
        var task = await user.CreateAsync(WorkerBench.Free());
        disturbance.HoldsClaim = true;
        var worker = new TaskGrpcWorker<AgentTask>(agent, new(), async (work, _) =>
        {
            // A short piece of work may still be done; this one gives up at once.
            work.ShutdownToken.ThrowIfCancellationRequested();
            await _goOn.Task;
        });

        var running = worker.RunAsync(_stop.Token);
        await disturbance.IsHeld.WaitAsync(Limit);
        Assert.NotNull((await user.GetAgentTaskAsync(task.Id)).Lease);
        await _stop.CancelAsync();
        await running.WaitAsync(Limit);

        await IsBackAsync(user, task.Id);
    }

    [Fact]
    public async Task A_filter_that_the_server_refuses_Ends_the_worker()
    {
        var (_, agent, _) = bench.Clients();
        var worker = new TaskGrpcWorker<AgentTask>(agent, new() { Filter = "?" }, (_, _) => Task.CompletedTask);
        await Refusal.OfAsync(ErrorReason.InvalidFilter, () => worker.RunAsync().WaitAsync(Limit));
    }

    [Fact]
    public async Task The_workers_of_a_host_Run_from_its_start_to_its_stop()
    {
        var (user, _, _) = bench.Clients();
        var board = await user.CreateAsync(Sample.BoardTask());
        var task = await user.CreateAsync(WorkerBench.Free());
        using var host = new HostBuilder().ConfigureServices(services => services
            .AddSingleton(user)
            .AddSingleton<Ledger>()
            .AddTaskGrpcWorker<AgentTask, Handler>(options => options.Filter = "task_type = \"refund\"")
            .AddTaskGrpcWorker<BoardTask>(options => options.Concurrency = 2, (_, _) => Task.CompletedTask)).Build();

        await host.StartAsync();
        await WorkerBench.UntilAsync(user, task.Id, own => own.Status == AgentTaskStatus.Completed);
        await user.WaitForBoardTaskAsync(board.Id, BoardTaskStatus.Done);
        await host.StopAsync();
        Assert.Equal([task.Id], host.Services.GetRequiredService<Ledger>().Ids);
    }

    private static async Task IsBackAsync(TaskGrpcClient client, string id)
    {
        var back = await client.GetAgentTaskAsync(id);
        Assert.Null(back.Lease);
        Assert.Equal((AgentTaskStatus.Planning, 1, 0), (back.Status, back.ClaimCount, back.ExpiredLeases));
        Assert.Equal("The worker stops.", (await WorkerBench.ChangesAsync(client, id))[^1].Reason);
    }

    /// <summary>Moves the clock on, in steps that leave time for heartbeats, until the worker has stopped.</summary>
    private async Task AdvanceUntilAsync(Task running)
    {
        while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System)) != running)
        {
            bench.Server.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        await running;
    }

    private sealed class Ledger
    {
        public List<string> Ids { get; } = [];
    }

    private sealed class Handler(Ledger ledger) : ITaskGrpcWorkHandler<AgentTask>
    {
        public Task<Google.Protobuf.WellKnownTypes.Value?> HandleAsync(TaskGrpcWork<AgentTask> work, CancellationToken cancellationToken)
        {
            ledger.Ids.Add(work.Resource.Id);
            return Task.FromResult<Google.Protobuf.WellKnownTypes.Value?>(null);
        }
    }
}
