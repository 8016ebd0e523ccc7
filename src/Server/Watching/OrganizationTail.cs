using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>The end of one watched organization's log: its recent changes, and the watches that wait for more.</summary>
internal sealed class OrganizationTail(string organizationId, int recentBytes)
{
    private readonly Lock _gate = new();
    private readonly RecentChanges _recent = new(recentBytes);
    private readonly HashSet<WakeUp> _waitForAny = [];
    private readonly Dictionary<Guid, List<WakeUp>> _waitForId = [];
    private readonly List<LoggedChange> _undispatched = [];
    private readonly List<WakeUp> _woken = [];
    private long _dispatched;
    private Guid? _epoch;
    private int _isQueued;
    private int _catchUps;

    public string OrganizationId { get; } = organizationId;

    /// <summary>How many bytes of recent changes it keeps at most.</summary>
    public int RecentBytes { get; } = recentBytes;

    /// <summary>How many watches hold this tail. Guarded by <see cref="ChangeTail"/>.</summary>
    public int Watches { get; set; }

    /// <summary>How many requests to catch up have not been answered yet.</summary>
    public int UnansweredCatchUps => Volatile.Read(ref _catchUps);

    /// <summary>Whether the log has another epoch now, so that its watches must end.</summary>
    public bool IsVoid { get; private set; }

    /// <summary>The head of the log, as far as this tail knows it.</summary>
    public LogHead Known
    {
        get
        {
            lock (_gate)
            {
                return new LogHead(_recent.Last, 0, _epoch.GetValueOrDefault());
            }
        }
    }

    /// <summary>Whether the tail knows the head and the epoch of its log.</summary>
    public bool IsStarted
    {
        get
        {
            lock (_gate)
            {
                return _recent.After is not null && _epoch is not null;
            }
        }
    }

    /// <summary>The end of the log, as far as this tail knows it.</summary>
    public LogPosition End => LogPosition.After(Known.Revision);

    /// <summary>Whether the log has this epoch. The first call sets it.</summary>
    public bool IsOf(Guid epoch)
    {
        lock (_gate)
        {
            return (_epoch ??= epoch) == epoch;
        }
    }

    /// <summary>Sets the head of the log, and wakes all watches that already wait.</summary>
    public void StartAfter(LogHead head)
    {
        lock (_gate)
        {
            _epoch ??= head.Epoch;
            _recent.StartAfter(head.Revision);
            _dispatched = Math.Max(_dispatched, _recent.After ?? 0);
            // A watch that joined while the head was being read may be behind it: a commit in between counts as covered now and is never
            // dispatched.
            WakeAll();
        }
    }

    /// <summary>Adds committed changes; false if earlier ones are missing here.</summary>
    public bool TryAppend(IReadOnlyList<LoggedChange> changes)
    {
        lock (_gate)
        {
            return _recent.TryAppend(changes);
        }
    }

    /// <summary>Marks the tail as queued for <see cref="Dispatch"/>; false if it is already queued.</summary>
    public bool TryQueue() => Interlocked.Exchange(ref _isQueued, 1) == 0;

    /// <summary>Requests a catch-up. True if the caller must start one; false if one is running, which will run once more.</summary>
    public bool StartsCatchUp() => Interlocked.Increment(ref _catchUps) == 1;

    /// <summary>Counts so many requests as answered; true if there are more.</summary>
    public bool MustCatchUpAgain(int answered) => Interlocked.Add(ref _catchUps, -answered) > 0;

    /// <summary>Skips changes that do not fit anyway; watches that need them read the store.</summary>
    public void SkipTo(long revision)
    {
        lock (_gate)
        {
            _recent.SkipTo(revision);
        }
    }

    /// <summary>Ends the watches of this tail, because its log has another epoch now.</summary>
    public void Void()
    {
        lock (_gate)
        {
            IsVoid = true;
            WakeAll();
        }
    }

    public void Join(WakeUp wakeUp, ChangeSelection selection)
    {
        lock (_gate)
        {
            if (selection.Ids.Count == 0)
            {
                _waitForAny.Add(wakeUp);
            }

            foreach (var id in selection.Ids)
            {
                if (!_waitForId.TryGetValue(id, out var waiting))
                {
                    _waitForId[id] = waiting = new List<WakeUp>(1);
                }

                waiting.Add(wakeUp);
            }
        }
    }

    public void Leave(WakeUp wakeUp, ChangeSelection selection)
    {
        lock (_gate)
        {
            _waitForAny.Remove(wakeUp);
            foreach (var id in selection.Ids)
            {
                if (_waitForId.TryGetValue(id, out var waiting) && waiting.Remove(wakeUp) && waiting.Count == 0)
                {
                    _waitForId.Remove(id);
                }
            }
        }
    }

    /// <summary>Wakes the watches that the changes since the last dispatch concern, and no others. One dispatch at a time.</summary>
    public void Dispatch()
    {
        // Reset first: a change that is appended from here on may be too late for this dispatch, and queues the tail again.
        Volatile.Write(ref _isQueued, 0);
        lock (_gate)
        {
            var last = _recent.Last;
            _undispatched.Clear();
            var whole = _recent.TryRead(LogPosition.After(_dispatched), int.MaxValue, _undispatched);
            _woken.AddRange(_waitForAny);
            if (!whole)
            {
                // Memory no longer has all changes since the last dispatch, so any resource may have changed: wake every watch.
                _woken.AddRange(_waitForId.Values.SelectMany(waiting => waiting));
            }
            else if (_waitForId.Count > 0)
            {
                foreach (var change in _undispatched)
                {
                    _woken.AddRange(_waitForId.GetValueOrDefault(change.ResourceId) ?? []);
                }
            }

            foreach (var wakeUp in _woken)
            {
                wakeUp.HasNews = true;
            }

            _undispatched.Clear();
            _dispatched = Math.Max(_dispatched, last);
        }

        // Outside the lock: a woken watch takes it to read, and would wait until the last one is woken.
        foreach (var wakeUp in _woken)
        {
            wakeUp.Set();
        }

        _woken.Clear();
    }

    /// <summary>Arms the wake-up before a read.</summary>
    /// <exception cref="Faults.Fault">EPOCH_CHANGED.</exception>
    public void Rearm(WakeUp wakeUp, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            wakeUp.HasNews = false;
            wakeUp.Rearm();
        }

        // Both are read after rearming, which drops the signal of an earlier cancellation or change of epoch.
        cancellationToken.ThrowIfCancellationRequested();
        if (IsVoid)
        {
            throw WatchStart.EpochChanged();
        }
    }

    /// <summary>Moves a watch without news past the changes that did not concern it, without reading them.</summary>
    public LogPosition PassOver(WakeUp wakeUp, LogPosition position)
    {
        lock (_gate)
        {
            return !wakeUp.HasNews && _dispatched > position.Progress ? LogPosition.After(_dispatched) : position;
        }
    }

    public bool TryRead(LogPosition position, int limit, List<LoggedChange> into)
    {
        lock (_gate)
        {
            return _recent.TryRead(position, limit, into);
        }
    }

    /// <summary>Wakes every watch that waits.</summary>
    private void WakeAll()
    {
        foreach (var wakeUp in _waitForAny.Concat(_waitForId.Values.SelectMany(waiting => waiting)))
        {
            wakeUp.HasNews = true;
            wakeUp.Set();
        }
    }
}
