using TaskGrpc.Server.Storage.Postgres;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// Finds out what other replicas have committed: every half second it asks where the logs of the watched organizations stand. Hints only
/// make that faster; this is what a watch on another replica can rely on.
/// </summary>
internal sealed class HeadPoll : BackgroundService
{
    /// <summary>An age from which on a replica does not know any more what the others do.</summary>
    public static readonly TimeSpan Stale = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly ChangeTail _changes;
    private readonly HeadReads _reads;
    private readonly SeenHeads _seen;
    private readonly ILogger<HeadPoll> _logger;
    private long _lastGood = TimeProvider.System.GetTimestamp();
    private bool _isOut;

    public HeadPoll(ChangeTail changes, HeadReads reads, SeenHeads seen, WatchMetrics metrics, ILogger<HeadPoll> logger)
    {
        (_changes, _reads, _seen, _logger) = (changes, reads, seen, logger);
        metrics.ObservePoll(() => Age);
    }

    /// <summary>How long ago the last poll was answered. By the machine's own time: an outage does not end with a clock that is set.</summary>
    public TimeSpan Age => TimeProvider.System.GetElapsedTime(Volatile.Read(ref _lastGood));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await PollAsync(stoppingToken);
            }
        }
        finally
        {
            await _reads.DisposeAsync();
        }
    }

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        try
        {
            var tails = _changes.Held();
            foreach (var tail in tails)
            {
                // What the watches here have been shown must be there still.
                _seen.Note(tail.OrganizationId, tail.Known);
            }

            var heads = await _reads.ReadAsync([.. tails.Select(tail => tail.OrganizationId)], cancellationToken);
            Volatile.Write(ref _lastGood, TimeProvider.System.GetTimestamp());
            foreach (var tail in tails)
            {
                if (heads.TryGetValue(tail.OrganizationId, out var head))
                {
                    _changes.Compare(tail, head);
                }
            }

            if (_isOut)
            {
                _isOut = false;
                _logger.PollAnswered();
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Told once for each outage; the age tells how long it lasts.
            if (!_isOut)
            {
                _isOut = true;
                _logger.PollFailed(exception);
            }
        }
    }
}
