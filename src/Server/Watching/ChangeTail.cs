using System.Threading.Channels;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>Follows the commits of watched organizations, and wakes their watches on its own task, off the lane.</summary>
internal sealed class ChangeTail : BackgroundService
{
    /// <summary>The pause after a failed catch-up, at first and at most.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MostPause = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, OrganizationTail> _tails = [];
    private readonly Channel<OrganizationTail> _due =
        Channel.CreateUnbounded<OrganizationTail>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskStore _store;
    private readonly WatchOptions _options;
    private readonly CancellationToken _stopping;
    private readonly StoreOutages _outages;
    private readonly ILogger<ChangeTail> _logger;

    public ChangeTail(CommitSignal signal, TaskStore store, IOptions<WatchOptions> options, IHostApplicationLifetime lifetime,
        StoreOutages outages, ILogger<ChangeTail> logger)
    {
        (_store, _stopping, _outages, _logger) = (store, lifetime.ApplicationStopping, outages, logger);
        _options = options.Value;
        signal.Committed += OnCommitted;
    }

    /// <summary>Holds an organization's recent changes until <see cref="Release"/>. All its watches share them.</summary>
    public async ValueTask<OrganizationTail> HoldAsync(string organizationId, CancellationToken cancellationToken)
    {
        var tail = Hold(organizationId, out var isNew);
        if (isNew)
        {
            try
            {
                // The tail is held before the head is read, so that it receives a commit in between.
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

    /// <summary>The tails that are held now.</summary>
    public OrganizationTail[] Held()
    {
        lock (_gate)
        {
            return [.. _tails.Values];
        }
    }

    /// <summary>The tail of an organization; null if no watch holds it.</summary>
    public OrganizationTail? Find(string organizationId)
    {
        lock (_gate)
        {
            return _tails.GetValueOrDefault(organizationId);
        }
    }

    /// <summary>Compares a tail with its log's head, and starts a catch-up if the head is further.</summary>
    public void Compare(OrganizationTail tail, LogHead head)
    {
        if (!tail.IsOf(head.Epoch))
        {
            EndOf(tail);
        }
        else if (!tail.IsStarted)
        {
            // The watch that was reading the head has left; use the head just read.
            tail.StartAfter(head);
        }
        else if (head.Revision > tail.End.Revision)
        {
            CatchUp(tail);
        }
    }

    /// <summary>Makes a tail read from the store what other replicas have committed.</summary>
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
        if (Find(organizationId) is not { } tail)
        {
            return;
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
            // This read may miss the commits of a request that arrives after this line, so such a request starts another read.
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

                // Requests during the pause are answered right after it.
                await Task.Delay(backOff.Next(), TimeProvider.System, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        while (tail.MustCatchUpAgain(answered));
    }

    /// <summary>Ends a tail whose log has another epoch now.</summary>
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
        // After a change of epoch another tail may have taken its place.
        if (_tails.GetValueOrDefault(tail.OrganizationId) == tail)
        {
            _tails.Remove(tail.OrganizationId);
        }
    }

    private void Queue(OrganizationTail tail)
    {
        // A tail is queued once at most, so the number of watched organizations bounds the queue.
        if (tail.TryQueue())
        {
            _due.Writer.TryWrite(tail);
        }
    }
}
