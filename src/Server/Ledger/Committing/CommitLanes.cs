using Google.Protobuf;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// The one way to change the store. Commands queue here in lanes. A worker takes all commands that queued in a lane during its last
/// commit, runs them as one transaction, and after COMMIT answers the callers and wakes the watchers. SQLite has one lane and one
/// worker; PostgreSQL has a lane for each active organization, and as many workers as may commit at once.
/// </summary>
internal sealed class CommitLanes : IHostedService, IDisposable
{
    private readonly TaskStore _store;
    private readonly LaneQueue _queue;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly StoreCondition _condition;
    private readonly BatchCommitter[] _committers;
    private readonly LaneWorker[] _workers;

    public CommitLanes(TaskStore store, CommitSignal signal, StoreOutages outages, IOptions<StorageOptions> options, TimeProvider time,
        LedgerMetrics metrics, IHostApplicationLifetime lifetime, ILogger<CommitLanes> logger)
    {
        (_store, _lifetime) = (store, lifetime);
        _condition = new StoreCondition(lifetime);
        _queue = new LaneQueue(options.Value, isShared: !store.IsShared);
        metrics.ObserveQueue(() => _queue.Count);
        _committers = [.. Enumerable.Range(0, store.Writers)
            .Select(_ => new BatchCommitter(store, signal, _condition, outages, options.Value, time, metrics, logger))];
        _workers = [.. _committers.Select((committer, i) => new LaneWorker(i + 1, _queue, committer, logger, opensAhead: i == 0))];
    }

    /// <summary>Whether the server accepts commits; false for ever after the store failed.</summary>
    public bool IsSound => !_condition.IsBroken;

    /// <summary>Completes once the first connection for commits is open; fails if it cannot be opened.</summary>
    public Task Opened => _workers[0].Opened;

    /// <summary>Queues a command and waits until its outcome is durable.</summary>
    /// <exception cref="Fault">The command's own refusal; OVERLOADED, STORAGE_FULL, STORAGE_UNAVAILABLE, DRAINING.</exception>
    public Task<T> CommitAsync<T>(LedgerCommand<T> command)
        where T : class, IMessage<T>, new()
    {
        var answer = _queue.Add(_store.LaneOf(command.Caller.OrganizationId), command);
        return answer == QueueAnswer.Taken ? command.Outcome : throw Refusal(answer);
    }

    private Fault Refusal(QueueAnswer answer)
    {
        if (_condition.IsBroken)
        {
            return StoreFaults.OutcomeUnknown();
        }

        if (answer == QueueAnswer.Completed || _lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return new Fault(
                ErrorReason.Draining,
                "The server is shutting down, and nothing was changed. Retry on another replica, or here after the restart.");
        }

        var whose = answer == QueueAnswer.FullForOrganization ? "commands of your organization" : "commands";
        return new Fault(
            ErrorReason.Overloaded, $"Too many {whose} are waiting, and nothing was changed. Retry after the delay in RetryInfo.")
        {
            RetryAfter = StoreFaults.SomeTime(),
        };
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var worker in _workers)
        {
            worker.Start();
        }

        return Task.CompletedTask;
    }

    /// <summary>Accepts no more commands, commits the queued ones, and closes the connections.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Complete();
        await Task.WhenAll(_workers.Select(worker => worker.Ended)).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _queue.Complete();
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }

        _queue.Dispose();
    }
}
