using System.Threading.Channels;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>Follows the commits of the organizations that are being watched, and wakes their watches on a task of its own, off the lane.</summary>
internal sealed class ChangeTail : BackgroundService
{
    /// <summary>How long a tail waits after it could not catch up, at first and at most.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MostPause = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, OrganizationTail> _tails = [];
    private readonly Channel<OrganizationTail> _due = Channel.CreateUnbounded<OrganizationTail>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskStore _store;
    private readonly WatchOptions _options;
    private readonly CancellationToken _stopping;
    private readonly StoreOutages _outages;
    private readonly ILogger<ChangeTail> _logger;

    public ChangeTail(CommitSignal signal, TaskStore store, IOptions<WatchOptions> options, IHostApplicationLifetime lifetime, StoreOutages outages, ILogger<ChangeTail> logger)
    {
        (_store, _stopping, _outages, _logger) = (store, lifetime.ApplicationStopping, outages, logger);
        _options = options.Value;
        signal.Committed += OnCommitted;
    }

    /// <summary>Begins to hold an organization's recent changes, for as long as at least one watch does.</summary>
    public async ValueTask<OrganizationTail> HoldAsync(string organizationId, CancellationToken cancellationToken)
    {
        var tail = Hold(organizationId, out var isNew);
        if (isNew)
        {
            try
            {
                // Held before it asks where the log stands: a commit in between is appended and not missed.
                using var rented = await _store.RentAsync(organizationId, cancellationToken);
                tail.StartAfter(rented.Reader.Head());
            }
            catch
            {
                Release(tail);
                throw;
            }
        }

        return tail;
    }

    public void Release(OrganizationTail tail)
    {
        lock (_gate)
        {
            if (--tail.Watches == 0)
            {
                Forget(tail);
            }
        }
    }

    /// <summary>The tails that are held at this moment.</summary>
    public OrganizationTail[] Held()
    {
        lock (_gate)
        {
            return [.. _tails.Values];
        }
    }

    /// <summary>The tail of an organization, if it is being watched.</summary>
    public OrganizationTail? Find(string organizationId)
    {
        lock (_gate)
        {
            return _tails.GetValueOrDefault(organizationId);
        }
    }

    /// <summary>Compares a tail with where its log was found to stand, and has it catch up where that is further.</summary>
    public void Compare(OrganizationTail tail, LogHead head)
    {
        if (!tail.IsOf(head.Epoch))
        {
            EndOf(tail);
        }
        else if (!tail.IsStarted)
        {
            // The watch that was reading the head has left: the head just read will do.
            tail.StartAfter(head);
        }
        else if (head.Revision > tail.End.Revision)
        {
            CatchUp(tail);
        }
    }

    /// <summary>Has a tail read on from the store what other replicas have committed.</summary>
    public void CatchUp(OrganizationTail tail)
    {
        if (tail.StartsCatchUp())
        {
            _ = Task.Run(() => CatchUpAsync(tail));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var tail in _due.Reader.ReadAllAsync(stoppingToken))
        {
            tail.Dispatch();
        }
    }

    private OrganizationTail Hold(string organizationId, out bool isNew)
    {
        lock (_gate)
        {
            isNew = !_tails.TryGetValue(organizationId, out var tail);
            if (tail is null)
            {
                _tails[organizationId] = tail = new OrganizationTail(organizationId, _options.RecentBytes);
            }

            tail.Watches++;
            return tail;
        }
    }

    private void OnCommitted(string organizationId, IReadOnlyList<LoggedChange> changes)
    {
        OrganizationTail? tail;
        lock (_gate)
        {
            if (!_tails.TryGetValue(organizationId, out tail))
            {
                return;
            }
        }

        if (_store.Shared?.EpochOf(organizationId) is { } epoch && !tail.IsOf(epoch))
        {
            EndOf(tail);
        }
        else if (tail.TryAppend(changes))
        {
            Queue(tail);
        }
        else
        {
            CatchUp(tail);
        }
    }

    private async Task CatchUpAsync(OrganizationTail tail)
    {
        var backOff = new BackOff(FirstPause, MostPause);
        int answered;
        do
        {
            // What is asked for from here on may have come too late for this read, and is answered by another.
            answered = tail.UnansweredCatchUps;
            try
            {
                await TailCatchUp.RunAsync(tail, _store, _stopping);
                Queue(tail);
                backOff.Reset();
            }
            catch (Exception exception)
            {
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }

                if (StorageFailures.Of(exception) is { } failure)
                {
                    _outages.Failed(failure, exception);
                }
                else
                {
                    _logger.CatchUpFailed(exception);
                }

                // What is asked for meanwhile is answered afterwards, at once.
                await Task.Delay(backOff.Next(), TimeProvider.System, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        while (tail.MustCatchUpAgain(answered));
    }

    /// <summary>The log that the tail followed is not the log any more.</summary>
    private void EndOf(OrganizationTail tail)
    {
        _logger.EpochChanged(tail.OrganizationId, tail.Watches);
        lock (_gate)
        {
            Forget(tail);
        }

        tail.Void();
    }

    private void Forget(OrganizationTail tail)
    {
        // After a change of epoch another tail may stand in its place.
        if (_tails.GetValueOrDefault(tail.OrganizationId) == tail)
        {
            _tails.Remove(tail.OrganizationId);
        }
    }

    private void Queue(OrganizationTail tail)
    {
        // In line once at most, so the queue is bounded by the number of watched organizations.
        if (tail.TryQueue())
        {
            _due.Writer.TryWrite(tail);
        }
    }
}
