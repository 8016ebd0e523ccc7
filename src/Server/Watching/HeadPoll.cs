using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// Finds what other replicas have committed: every half second it reads the heads of the watched organizations' logs. Hints only make
/// this faster; watches rely on the poll. It also reads whether the database accepts commits, which readiness reports.
/// </summary>
internal sealed class HeadPoll : BackgroundService
{
    /// <summary>From this age on, a replica does not know what the others have committed.</summary>
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

    /// <summary>The time since the last successful poll. It is monotonic: setting the clock does not end an outage.</summary>
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
                // Commits are refused on a full disk, so only this write can notice that there is room again.
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
            // With several hosts, Npgsql reports a cancellation as a failure to connect.
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            _outages.Failed(StorageFailures.Of(exception) ?? StorageFailure.Lost, exception);
        }
    }
}
