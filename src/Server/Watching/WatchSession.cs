using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// One open watch: a cursor into the log, not a queue. It (1) sends a first message at once, (2) sends the snapshot if the caller wants
/// one, then in each round (3) arms its wake-up, (4) sends everything up to the end of the log, and (5) waits for news or for the next
/// heartbeat, or ends because its resources are terminal.
/// </summary>
internal sealed class WatchSession(TaskStore store, OrganizationTail tail, ChangeSelection selection, WatchWriter writer,
    WatchMetrics metrics, TimeProvider time, TimeSpan heartbeat)
{
    private readonly ChangeFeed _feed = new(store, tail.OrganizationId, selection.Ids);
    private readonly WakeUp _wakeUp = new();
    private readonly List<LoggedChange> _page = [];
    private LogPosition _position;
    private long _lastSent;
    private volatile bool _isTimed;

    /// <summary>Set for a watch that ends once its resources are terminal.</summary>
    public UnfinishedResources? Unfinished { get; init; }

    /// <summary>Set for a watch that begins with a snapshot.</summary>
    public SnapshotFeed? Snapshot { get; init; }

    public async Task RunAsync(LogPosition start, CancellationToken cancellationToken)
    {
        _position = start;
        tail.Join(_wakeUp, selection);
        using var cancelled = cancellationToken.UnsafeRegister(static wakeUp => ((WakeUp)wakeUp!).Set(), _wakeUp);
        await using var timer =
            time.CreateTimer(static session => ((WatchSession)session!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            await (Snapshot is null ? SendAsync(cancellationToken) : SendSnapshotAsync(Snapshot, cancellationToken));
            while (true)
            {
                tail.Rearm(_wakeUp, cancellationToken);
                if (await DrainAsync(cancellationToken))
                {
                    return;
                }

                // The timer is set once, not for each message: if messages were sent meanwhile, it rings early and is set for the rest.
                if (!_isTimed)
                {
                    _isTimed = true;
                    timer.Change(UntilHeartbeat(), Timeout.InfiniteTimeSpan);
                }

                await _wakeUp.Signaled;
                if (UntilHeartbeat() == TimeSpan.Zero && !cancellationToken.IsCancellationRequested)
                {
                    _position = tail.PassOver(_wakeUp, _position);
                    await SendAsync(cancellationToken);
                }
            }
        }
        finally
        {
            tail.Leave(_wakeUp, selection);
        }
    }

    private void Ring()
    {
        _isTimed = false;
        _wakeUp.Set();
    }

    private async ValueTask SendSnapshotAsync(SnapshotFeed snapshot, CancellationToken cancellationToken)
    {
        await writer.SendPartAsync(cancellationToken);
        _lastSent = time.GetTimestamp();
        var (page, more) = (new List<byte[]>(), true);
        while (more)
        {
            more = await snapshot.ReadAsync(page, cancellationToken);
            foreach (var state in page)
            {
                await writer.AddSnapshotAsync(state, cancellationToken);
            }

            if (page.Count > 0 || UntilHeartbeat() == TimeSpan.Zero)
            {
                await writer.SendPartAsync(cancellationToken);
                _lastSent = time.GetTimestamp();
            }
        }

        writer.CompletesSnapshot();
        await SendAsync(cancellationToken);
    }

    /// <summary>Sends everything up to the end of the log; true if all resources of the watch are terminal, so that it ends.</summary>
    private async ValueTask<bool> DrainAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var (events, more, isHead) = (0, true, false);
        while (more || (!isHead && Unfinished is { IsEmpty: true }))
        {
            // The watch ends only at the head of the log: another replica may have reopened a resource in a commit that is not in memory
            // yet.
            isHead = !more;
            (_position, more) = await (isHead
                ? _feed.ReadStoreAsync(tail, _position, _page, cancellationToken)
                : _feed.ReadAsync(tail, _position, _page, cancellationToken));
            for (var i = 0; i < _page.Count; i++)
            {
                var change = _page[i];
                Unfinished?.Observe(change);
                if (selection.MatchOf(change) is not FilterMatch.Unspecified and var match)
                {
                    await writer.AddAsync(_page, i, match, cancellationToken);
                    events++;
                }
            }

            // While a watch reads much that its filter drops, it reports progress with each heartbeat, so that a cut does not start it
            // over; but never inside a revision, which the next page completes.
            if (more ? UntilHeartbeat() == TimeSpan.Zero && (_position.IsComplete || !writer.HasPending) : writer.HasPending)
            {
                await SendAsync(cancellationToken);
            }
        }

        // A waiting watch keeps no changes in memory.
        _page.Clear();
        if (events > 0)
        {
            metrics.Sent(events, time.GetElapsedTime(started));
        }

        return Unfinished is { IsEmpty: true };
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        await writer.SendAsync(_position.Progress, cancellationToken);
        _lastSent = time.GetTimestamp();
    }

    private TimeSpan UntilHeartbeat()
    {
        var left = heartbeat - time.GetElapsedTime(_lastSent);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
