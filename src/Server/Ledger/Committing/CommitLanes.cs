using Google.Protobuf;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// The one way to change anything. Commands queue here in lanes; a worker takes whatever came to a lane while its last commit ran, runs
/// it as one transaction, and only after its COMMIT answers the callers and wakes the watchers. SQLite has one lane and one worker;
/// PostgreSQL a lane for each active organization, and as many workers as may commit at the same time.
/// </summary>
internal sealed class CommitLanes : IHostedService, IDisposable
{
    private readonly TaskStore _store;
    private readonly LaneQueue _queue;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly StoreCondition _condition;
    private readonly BatchCommitter[] _committers;
    private readonly LaneWorker[] _workers;

    public CommitLanes(TaskStore store, CommitSignal signal, StoreOutages outages, IOptions<StorageOptions> options, TimeProvider time, LedgerMetrics metrics, IHostApplicationLifetime lifetime, ILogger<CommitLanes> logger)
    {
        (_store, _lifetime) = (store, lifetime);
        _condition = new StoreCondition(lifetime);
        _queue = new LaneQueue(options.Value, isShared: !store.IsShared);
        metrics.ObserveQueue(() => _queue.Count);
        _committers = [.. Enumerable.Range(0, store.Writers).Select(_ => new BatchCommitter(store, signal, _condition, outages, options.Value, time, metrics, logger))];
        _workers = [.. _committers.Select((committer, i) => new LaneWorker(i + 1, _queue, committer, logger, opensAhead: i == 0))];
    }

    /// <summary>Whether commits can be taken; false for good after the store failed.</summary>
    public bool IsSound => !_condition.IsBroken;

    /// <summary>Completes once the first connection for commits is open; fails if it cannot be.</summary>
    public Task Opened => _workers[0].Opened;

    /// <summary>Queues a command and waits for its outcome, which is told only once it is durable.</summary>
    /// <exception cref="Fault">What the command was refused for; OVERLOADED, STORAGE_FULL, STORAGE_UNAVAILABLE, DRAINING.</exception>
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
            return new Fault(ErrorReason.Draining, "The server is shutting down and nothing was changed. Retry at another replica, or here after the restart.");
        }

        var whose = answer == QueueAnswer.FullForOrganization ? "commands of your organization" : "commands";
        return new Fault(ErrorReason.Overloaded, $"Too many {whose} wait and nothing was changed. Retry as RetryInfo says.") { RetryAfter = StoreFaults.SomeTime() };
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var worker in _workers)
        {
            worker.Start();
        }

        return Task.CompletedTask;
    }

    /// <summary>Commits what has been queued, takes nothing more, and lets go of the database.</summary>
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
