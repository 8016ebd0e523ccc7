using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// Finds out what other replicas have committed: every half second it asks where the logs of the watched organizations stand. Hints only
/// make that faster; this is what a watch on another replica can rely on. It also asks whether a commit would be taken, which is what
/// 'ready' means.
/// </summary>
internal sealed class HeadPoll : BackgroundService
{
    /// <summary>An age from which on a replica does not know any more what the others do.</summary>
    public static readonly TimeSpan Stale = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly ChangeTail _changes;
    private readonly SharedStore? _shared;
    private readonly StoreOutages _outages;
    private readonly BackOff _writeBackOff = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(15));
    private long _triedToWrite;
    private TimeSpan _restBeforeWrite;
    private long _lastGood = TimeProvider.System.GetTimestamp();

    public HeadPoll(ChangeTail changes, TaskStore store, WatchMetrics metrics, StoreOutages outages)
    {
        (_changes, _shared, _outages) = (changes, store.Shared, outages);
        if (_shared is not null)
        {
            metrics.ObservePoll(() => Age);
        }
    }

    /// <summary>How long ago the last poll was answered. By the machine's own time: an outage does not end with a clock that is set.</summary>
    public TimeSpan Age => TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastGood));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (_shared is not null && await timer.WaitForNextTickAsync(stoppingToken))
        {
            await PollAsync(_shared, stoppingToken);
        }
    }

    private async Task PollAsync(SharedStore shared, CancellationToken cancellationToken)
    {
        try
        {
            var tails = _changes.Held();
            var heads = await shared.HeadsAsync([.. tails.Select(tail => (tail.OrganizationId, tail.Known))], cancellationToken);
            Volatile.Write(ref _lastGood, TimeProvider.System.GetTimestamp());
            _outages.Answered();
            foreach (var tail in tails)
            {
                _changes.Compare(tail, heads[tail.OrganizationId]);
            }

            if (_outages.IsFull && TimeProvider.System.GetElapsedTime(_triedToWrite) >= _restBeforeWrite)
            {
                // Commits are refused meanwhile, so that only a write of its own finds out.
                (_triedToWrite, _restBeforeWrite) = (TimeProvider.System.GetTimestamp(), _writeBackOff.Next());
                await shared.WriteAsync(cancellationToken);
                _outages.HasRoom();
            }
            else if (!_outages.IsFull)
            {
                _writeBackOff.Reset();
                _restBeforeWrite = TimeSpan.Zero;
            }
        }
        catch (Exception exception)
        {
            // With several hosts, a cancellation comes as a failure to connect.
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            _outages.Failed(StorageFailures.Of(exception) ?? StorageFailure.Lost, exception);
        }
    }
}
