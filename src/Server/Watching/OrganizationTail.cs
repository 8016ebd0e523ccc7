using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Watching;

/// <summary>The end of one watched organization's log: its recent changes, and who waits for which.</summary>
internal sealed class OrganizationTail(string organizationId, int recentBytes)
{
    private readonly Lock _gate = new();
    private readonly RecentChanges _recent = new(recentBytes);
    private readonly HashSet<WakeUp> _waitForAny = [];
    private readonly Dictionary<Guid, List<WakeUp>> _waitForId = [];
    private readonly List<LoggedChange> _undispatched = [];
    private long _dispatched;

    public string OrganizationId { get; } = organizationId;

    /// <summary>How many watches hold this tail. Guarded by <see cref="ChangeTail"/>.</summary>
    public int Watches { get; set; }

    /// <summary>Whether this tail stands in line to be dispatched. Guarded by <see cref="ChangeTail"/>'s queue.</summary>
    public int IsQueued;

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

    /// <summary>Says where the log stands, and has everybody who waits already look for himself.</summary>
    public void StartAfter(long revision)
    {
        lock (_gate)
        {
            _recent.StartAfter(revision);
            _dispatched = Math.Max(_dispatched, _recent.After ?? 0);
            // A watch that joined while the head was being read may have come less far: a commit in between counts as covered now
            // and will be dispatched to nobody.
            foreach (var wakeUp in _waitForAny.Concat(_waitForId.Values.SelectMany(waiting => waiting)))
            {
                Wake(wakeUp);
            }
        }
    }

    public void Append(IReadOnlyList<LoggedChange> changes)
    {
        lock (_gate)
        {
            _recent.Append(changes);
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

    /// <summary>Wakes everybody whom the changes since the last dispatch concern, and nobody else.</summary>
    public void Dispatch()
    {
        lock (_gate)
        {
            var last = _recent.Last;
            _undispatched.Clear();
            var whole = _recent.TryRead(LogPosition.After(_dispatched), int.MaxValue, _undispatched);
            foreach (var wakeUp in _waitForAny)
            {
                Wake(wakeUp);
            }

            if (!whole)
            {
                // More came than is held here, so which resources changed is not known: everybody looks for himself.
                foreach (var wakeUp in _waitForId.Values.SelectMany(waiting => waiting))
                {
                    Wake(wakeUp);
                }
            }
            else if (_waitForId.Count > 0)
            {
                foreach (var change in _undispatched)
                {
                    foreach (var wakeUp in _waitForId.GetValueOrDefault(change.ResourceId) ?? [])
                    {
                        Wake(wakeUp);
                    }
                }
            }

            _undispatched.Clear();
            _dispatched = Math.Max(_dispatched, last);
        }
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

    private static void Wake(WakeUp wakeUp)
    {
        wakeUp.HasNews = true;
        wakeUp.Set();
    }
}
