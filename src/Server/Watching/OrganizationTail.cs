using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>The end of one watched organization's log: its recent changes, and who waits for which.</summary>
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

    /// <summary>How many bytes of recent changes it holds at most.</summary>
    public int RecentBytes { get; } = recentBytes;

    /// <summary>How many watches hold this tail. Guarded by <see cref="ChangeTail"/>.</summary>
    public int Watches { get; set; }

    /// <summary>How many requests to catch up have not been answered yet.</summary>
    public int UnansweredCatchUps => Volatile.Read(ref _catchUps);

    /// <summary>Whether the log that was followed is no longer the organization's.</summary>
    public bool IsVoid { get; private set; }

    /// <summary>Where the log stands, as far as it is known here.</summary>
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

    /// <summary>Whether it is known where which log stands.</summary>
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

    /// <summary>The end of the log, as far as it is known here.</summary>
    public LogPosition End
    {
        get
        {
            lock (_gate)
            {
                return LogPosition.After(_recent.Last);
            }
        }
    }

    /// <summary>Takes notice of the log's epoch; false if it is another one than was followed up to now.</summary>
    public bool IsOf(Guid epoch)
    {
        lock (_gate)
        {
            return (_epoch ??= epoch) == epoch;
        }
    }

    /// <summary>Says where the log stands, and has all watches that wait already look for themselves.</summary>
    public void StartAfter(LogHead head)
    {
        lock (_gate)
        {
            _epoch ??= head.Epoch;
            _recent.StartAfter(head.Revision);
            _dispatched = Math.Max(_dispatched, _recent.After ?? 0);
            // A watch that joined while the head was being read may have come less far: a commit in between counts as covered now
            // and will be dispatched to nobody.
            WakeAll();
        }
    }

    /// <summary>Adds what was committed; false if what came before it is missing here.</summary>
    public bool TryAppend(IReadOnlyList<LoggedChange> changes)
    {
        lock (_gate)
        {
            return _recent.TryAppend(changes);
        }
    }

    /// <summary>Puts the tail in line for <see cref="Dispatch"/>; false if it stands there already.</summary>
    public bool TryQueue() => Interlocked.Exchange(ref _isQueued, 1) == 0;

    /// <summary>Asks the tail to catch up; true if that has to be started, false if it is under way and will be done once more.</summary>
    public bool StartsCatchUp() => Interlocked.Increment(ref _catchUps) == 1;

    /// <summary>Takes notice that so many requests to catch up have been answered; true if there are more.</summary>
    public bool MustCatchUpAgain(int answered) => Interlocked.Add(ref _catchUps, -answered) > 0;

    /// <summary>Passes over what would not fit anyway; watches that need it read it from the store.</summary>
    public void SkipTo(long revision)
    {
        lock (_gate)
        {
            _recent.SkipTo(revision);
        }
    }

    /// <summary>Ends the watches of this tail: the log that they followed is not the log any more.</summary>
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

    /// <summary>Wakes everybody whom the changes since the last dispatch concern, and nobody else. One dispatch at a time.</summary>
    public void Dispatch()
    {
        // First: what is appended from here on may come too late for this dispatch, and puts the tail in line again.
        Volatile.Write(ref _isQueued, 0);
        lock (_gate)
        {
            var last = _recent.Last;
            _undispatched.Clear();
            var whole = _recent.TryRead(LogPosition.After(_dispatched), int.MaxValue, _undispatched);
            _woken.AddRange(_waitForAny);
            if (!whole)
            {
                // More came than is held here, so which resources changed is not known: everybody looks for himself.
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

        // Outside: whoever wakes comes here to read, and would wait until the last is woken.
        foreach (var wakeUp in _woken)
        {
            wakeUp.Set();
        }

        _woken.Clear();
    }

    /// <summary>Arms the wake-up before a read.</summary>
    public void Rearm(WakeUp wakeUp)
    {
        lock (_gate)
        {
            wakeUp.HasNews = false;
            wakeUp.Rearm();
        }
    }

    /// <summary>Moves a watch that has read everything it was woken for past what did not concern it, without reading that.</summary>
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

    /// <summary>Has everybody who waits look again.</summary>
    private void WakeAll()
    {
        foreach (var wakeUp in _waitForAny.Concat(_waitForId.Values.SelectMany(waiting => waiting)))
        {
            wakeUp.HasNews = true;
            wakeUp.Set();
        }
    }
}
