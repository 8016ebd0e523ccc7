using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// One worker from its start to its stop: it (1) takes free slots, (2) claims as much, (3) starts the handlers, again and again. At the
/// stop it (4) waits for the handlers, (5) cancels those that still run, and (6) gives back what is left.
/// </summary>
internal sealed class WorkerSession<T>(
    TaskGrpcClient client,
    TaskGrpcWorkerOptions options,
    Func<TaskGrpcWork<T>, CancellationToken, Task<Value?>> handler,
    ILogger logger) : IDisposable
    where T : class, IClaimable
{
    /// <summary>How long handlers have to return after the stop has cancelled their tokens.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _slots = new(options.Concurrency);
    private readonly ConcurrentDictionary<string, (WorkRun<T> Run, Task Done)> _runs = new();
    private readonly Claims<T> _claims = new(client, options, logger);

    // Neither is disposed: a handler that does not return may still use their tokens.
    private readonly CancellationTokenSource _shutdown = new();
    private readonly CancellationTokenSource _giveUp = new();

    private TimeProvider Time => client.State.Options.TimeProvider;

    /// <exception cref="TaskGrpcException">The server refuses the claims.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        logger.WorkerBegins(options.Worker, WorkKind<T>.Instance.Kind, options.Filter, options.Concurrency);
        // Handlers hear of the stop at once. What they have registered runs elsewhere, not in the caller's Cancel.
        await using var heard = stop.Register(() => _shutdown.CancelAsync().Observed()).ConfigureAwait(false);
        try
        {
            await ClaimAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            await StopAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task ClaimAsync(CancellationToken stop)
    {
        for (var empty = 0; !stop.IsCancellationRequested;)
        {
            var began = Time.GetTimestamp();
            var slots = await TakeSlotsAsync(stop).ConfigureAwait(false);
            if (slots == 0)
            {
                return;
            }

            IReadOnlyList<Lease> leases = [];
            try
            {
                leases = await _claims.NextAsync(slots, stop).ConfigureAwait(false);
            }
            finally
            {
                if (slots > leases.Count)
                {
                    _slots.Release(slots - leases.Count);
                }
            }

            foreach (var lease in leases)
            {
                Start(lease);
            }

            empty = leases.Count > 0 || Time.GetElapsedTime(began) > options.Wait / 2 ? 0 : empty + 1;
            await PauseAsync(empty, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Takes all free slots that one claim can fill; waits for the first. 0 at the stop.</summary>
    private async Task<int> TakeSlotsAsync(CancellationToken stop)
    {
        try
        {
            await _slots.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return 0;
        }

        var taken = 1;
        while (taken < Claims<T>.MostTasks && _slots.Wait(0, CancellationToken.None))
        {
            taken++;
        }

        return taken;
    }

    /// <summary>Waits a while if claims come back empty before their wait is over, so that they do not run in a circle.</summary>
    private async Task PauseAsync(int empty, CancellationToken stop)
    {
        if (empty > 0 && !stop.IsCancellationRequested)
        {
            await Task.Delay(client.State.Backoff(empty, asked: null), Time, stop)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Start(Lease lease)
    {
        var work = new TaskGrpcWork<T>(client, lease, _shutdown.Token);
        var id = work.Resource.Id;
        var run = new WorkRun<T>(work, options, handler, logger, _giveUp.Token);
        var earlier = _runs.TryGetValue(id, out var other) ? other.Done : Task.CompletedTask;

        // The run waits until it is in the table, so that it can remove itself.
        var isListed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = Task.Run(() => RunAsync(run, earlier, isListed.Task));
        _runs[id] = (run, done);
        isListed.SetResult();
    }

    private async Task RunAsync(WorkRun<T> run, Task earlier, Task isListed)
    {
        await isListed.ConfigureAwait(false);
        try
        {
            await run.RunAsync(earlier).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            logger.EndNotWritten(typeof(T).Name, run.Work.Resource.Id, failure);
        }
        finally
        {
            if (_runs.TryGetValue(run.Work.Resource.Id, out var listed) && ReferenceEquals(listed.Run, run))
            {
                _runs.TryRemove(KeyValuePair.Create(run.Work.Resource.Id, listed));
            }

            Free();
        }
    }

    private void Free()
    {
        try
        {
            _slots.Release();
        }
        catch (ObjectDisposedException)
        {
            // A handler returned after the worker had stopped.
        }
    }

    private async Task StopAsync()
    {
        await _shutdown.CancelAsync().ConfigureAwait(false);
        logger.WorkerStops(options.Worker, _runs.Count);
        if (await AreDoneAsync(options.ShutdownTimeout).ConfigureAwait(false))
        {
            return;
        }

        foreach (var (run, _) in _runs.Values)
        {
            run.Work.Cancel();
        }

        if (await AreDoneAsync(Grace).ConfigureAwait(false))
        {
            return;
        }

        await _giveUp.CancelAsync().ConfigureAwait(false);
        using var limit = new CancellationTokenSource(Grace, Time);
        await Task.WhenAll(_runs.Values.Select(item => item.Run.AbandonAsync(Grace, limit.Token))).ConfigureAwait(false);
    }

    /// <summary>Waits until all handlers have returned and their work has ended; false if the time passes before.</summary>
    private async Task<bool> AreDoneAsync(TimeSpan time)
    {
        var all = Task.WhenAll(_runs.Values.Select(item => item.Done));
        await all.WaitAsync(time, Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return all.IsCompleted;
    }
}
