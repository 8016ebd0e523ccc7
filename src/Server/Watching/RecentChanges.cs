using TaskGrpc.Server.Ledger.Committing;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// The last part of one organization's log in memory, shared by all its watches and bounded by bytes. It is a copy: the store has what
/// memory does not. Not thread-safe.
/// </summary>
internal sealed class RecentChanges(int mostBytes)
{
    private LoggedChange[] _ring = new LoggedChange[16];
    private int _start;
    private int _count;
    private long _bytes;

    /// <summary>Memory has everything after this revision, up to <see cref="Last"/>; null if the log's head is still unknown.</summary>
    public long? After { get; private set; }

    /// <summary>The last revision in memory, or the known head of the log.</summary>
    public long Last { get; private set; }

    /// <summary>Sets the log's head, if nothing has been appended yet.</summary>
    public void StartAfter(long revision)
    {
        if (After is null)
        {
            After = Last = revision;
        }
    }

    /// <summary>
    /// Adds the changes of whole revisions, in order and at least one, and skips those that are already covered. False, and nothing is
    /// added, if earlier revisions are missing because another replica committed them.
    /// </summary>
    public bool TryAppend(IReadOnlyList<LoggedChange> changes)
    {
        StartAfter(changes[0].Revision - 1);
        var covered = Last;
        if (changes[0].Revision > covered + 1)
        {
            return false;
        }

        foreach (var change in changes)
        {
            if (change.Revision > covered)
            {
                Push(change);
                Last = change.Revision;
            }
        }

        Shed();
        return true;
    }

    /// <summary>Drops everything, and goes on from the known head of the log.</summary>
    public void SkipTo(long revision)
    {
        if (revision > Last)
        {
            Array.Clear(_ring);
            (_start, _count, _bytes) = (0, 0, 0);
            After = Last = revision;
        }
    }

    /// <summary>Reads up to <paramref name="limit"/> changes after a position; false if memory no longer has them, or not yet.</summary>
    public bool TryRead(LogPosition position, int limit, List<LoggedChange> into)
    {
        if (After is not { } after || position.Progress < after)
        {
            return false;
        }

        for (var i = IndexAfter(position); i < _count && into.Count < limit; i++)
        {
            into.Add(At(i));
        }

        return true;
    }

    private LoggedChange At(int index) => _ring[(_start + index) & (_ring.Length - 1)];

    private int IndexAfter(LogPosition position)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var change = At(middle);
            var isRead = change.Revision < position.Revision
                || (change.Revision == position.Revision && change.Ordinal <= position.Ordinal);
            (low, high) = isRead ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Push(LoggedChange change)
    {
        if (_count == _ring.Length)
        {
            var larger = new LoggedChange[_ring.Length * 2];
            for (var i = 0; i < _count; i++)
            {
                larger[i] = At(i);
            }

            (_ring, _start) = (larger, 0);
        }

        _ring[(_start + _count++) & (_ring.Length - 1)] = change;
        _bytes += change.Body.Length;
    }

    /// <summary>Drops the oldest revisions, whole ones only, so that memory has all of a revision or nothing.</summary>
    private void Shed()
    {
        while (_bytes > mostBytes && _count > 0)
        {
            var revision = At(0).Revision;
            while (_count > 0 && At(0).Revision == revision)
            {
                _bytes -= At(0).Body.Length;
                _ring[_start] = null!;
                _start = (_start + 1) & (_ring.Length - 1);
                _count--;
            }

            After = revision;
        }
    }
}
