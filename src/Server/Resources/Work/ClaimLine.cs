using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>
/// The claims of one organization and kind that wait, first come first served. It reads the log once for all of them: for each resource
/// that has become ready, it wakes the first that matches and has no turn yet. The others sleep on.
/// </summary>
internal sealed class ClaimLine(KindDefinition kind, ResourceKinds kinds, OrganizationTail tail)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<ClaimWaiter> _waiters = [];
    private readonly WakeUp _news = new();
    private readonly ChangeSelection _all = new(kinds, new WatchRequest());
    private bool _isOver;

    public string OrganizationId => tail.OrganizationId;

    public ResourceKind Kind => kind.Kind;

    /// <summary>The tail that the line holds.</summary>
    public OrganizationTail Tail => tail;

    /// <summary>How many claims wait for a turn.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiters.Count(waiter => !waiter.HasTurn && waiter.IsAsleep);
            }
        }
    }

    /// <summary>Joins the line; false if it is over.</summary>
    public bool TryEnter(ClaimWaiter waiter)
    {
        lock (_gate)
        {
            if (_isOver || tail.IsVoid)
            {
                return false;
            }

            if (_waiters.Count == 0)
            {
                tail.Join(_news, _all);
            }

            _waiters.AddLast(waiter);
            return true;
        }
    }

    /// <summary>Leaves the line, and passes unused turns on; false if nobody is left, which ends the line.</summary>
    /// <param name="waiter">The claim.</param>
    /// <param name="turn">A turn that it has taken; null for none.</param>
    /// <param name="claimed">What it has claimed: no turn is left for that.</param>
    public bool Leave(ClaimWaiter waiter, IResource? turn, IReadOnlyCollection<string> claimed)
    {
        lock (_gate)
        {
            _waiters.Remove(waiter);
            foreach (var ready in new[] { turn, waiter.TakeTurn() }.OfType<IResource>().Where(ready => !claimed.Contains(ready.Id)))
            {
                Wake(ready, next => next.Matches(ready));
            }

            if (_waiters.Count > 0)
            {
                return true;
            }

            _isOver = true;
            tail.Leave(_news, _all);
        }

        _news.Set();
        return false;
    }

    /// <summary>Reads the log as it grows, until the line is over.</summary>
    public async Task RunAsync()
    {
        var (position, changes) = (tail.End, new List<LoggedChange>());
        while (true)
        {
            _news.Rearm();
            lock (_gate)
            {
                if (_isOver)
                {
                    return;
                }

                changes.Clear();
                if (tail.IsVoid || !tail.TryRead(position, int.MaxValue, changes))
                {
                    // Memory no longer has all changes: anything may have become ready.
                    WakeAll();
                    position = tail.End;
                }
                else if (changes.Count > 0)
                {
                    position = LogPosition.After(changes[^1]);
                    changes.ForEach(Look);
                }
            }

            await _news.Signaled;
        }
    }

    private void Look(LoggedChange change)
    {
        if (change.Kind == ResourceKind.FlowExecution && Kind == ResourceKind.TaskExecution && change.Type == ChangeType.Transitioned)
        {
            // A flow that runs again brings its executions in without a change of theirs.
            WakeAll();
        }
        else if (change.Kind == Kind)
        {
            var states = change.States(kind);
            Wake(states.After, waiter => waiter.Matches(states.After) && (states.Before is null || !waiter.Matches(states.Before)));
        }
    }

    /// <summary>Gives a turn to the first waiter that has none.</summary>
    private void Wake(IResource ready, Func<ClaimWaiter, bool> matches) =>
        _waiters.FirstOrDefault(waiter => !waiter.HasTurn && matches(waiter))?.Give(ready);

    private void WakeAll()
    {
        foreach (var waiter in _waiters)
        {
            waiter.WakeUp.Set();
        }
    }
}
