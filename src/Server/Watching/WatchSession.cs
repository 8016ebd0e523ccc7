using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// One open watch: a cursor into the log, not a queue. It (1) says at once that it stands, then, round by round, (2) arms its
/// wake-up, (3) sends everything up to the end of the log, and (4) sleeps until there is news or a heartbeat is due.
/// </summary>
internal sealed class WatchSession(TaskStore store, OrganizationTail tail, ChangeSelection selection, WatchWriter writer, WatchMetrics metrics, TimeProvider time)
{
    private readonly ChangeFeed _feed = new(store, tail.OrganizationId, selection);
    private readonly WakeUp _wakeUp = new();
    private readonly List<LoggedChange> _page = [];
    private LogPosition _position;
    private long _lastSent;

    public async Task RunAsync(LogPosition start, TimeSpan heartbeat, CancellationToken cancellationToken)
    {
        _position = start;
        tail.Join(_wakeUp, selection);
        using var cancelled = cancellationToken.UnsafeRegister(static wakeUp => ((WakeUp)wakeUp!).Set(), _wakeUp);
        await using var timer = time.CreateTimer(static wakeUp => ((WakeUp)wakeUp!).Set(), _wakeUp, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            await SendAsync(cancellationToken);
            while (true)
            {
                tail.Rearm(_wakeUp);
                // Asked after rearming: a cancellation from before has signaled what is no longer waited for.
                cancellationToken.ThrowIfCancellationRequested();
                await DrainAsync(heartbeat, cancellationToken);
                timer.Change(UntilHeartbeat(heartbeat), Timeout.InfiniteTimeSpan);
                await _wakeUp.Signaled;
                if (UntilHeartbeat(heartbeat) == TimeSpan.Zero && !cancellationToken.IsCancellationRequested)
                {
                    _position = tail.PassOver(_wakeUp, _position);
                    await KnowEpochAsync(cancellationToken);
                    await SendAsync(cancellationToken);
                }
            }
        }
        finally
        {
            tail.Leave(_wakeUp, selection);
        }
    }

    private async ValueTask DrainAsync(TimeSpan heartbeat, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var (events, more) = (0, true);
        while (more)
        {
            (_position, more) = await _feed.ReadAsync(tail, _position, _page, cancellationToken);
            await KnowEpochAsync(cancellationToken);
            foreach (var change in _page)
            {
                await writer.AddAsync(change, cancellationToken);
            }

            events += _page.Count;
            // A page may end inside a revision; then the next one completes it.
            // Meanwhile a long way through what is filtered out is told as progress, so that a cut does not begin it anew.
            if (writer.HasPending ? !more : more && UntilHeartbeat(heartbeat) == TimeSpan.Zero)
            {
                await SendAsync(cancellationToken);
            }
        }

        if (events > 0)
        {
            metrics.Sent(events, time.GetElapsedTime(started));
        }
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        await writer.SendAsync(_position.Progress, cancellationToken);
        _lastSent = time.GetTimestamp();
    }

    /// <summary>An organization has no epoch before its first change, which may be the one that this watch is about to send.</summary>
    private async ValueTask KnowEpochAsync(CancellationToken cancellationToken)
    {
        if (writer.Epoch == Guid.Empty && _position.Revision > 0)
        {
            using var lease = await store.RentAsync(tail.OrganizationId, cancellationToken);
            writer.Epoch = lease.Reader.Head().Epoch;
        }
    }

    private TimeSpan UntilHeartbeat(TimeSpan interval)
    {
        var left = interval - time.GetElapsedTime(_lastSent);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
