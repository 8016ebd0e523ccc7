using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>Checks one watch over all its connections against the log: W1 to W7, W9, D6.</summary>
internal sealed class StreamCheck(GroundTruth truth, IReadOnlyList<MessageEntry> messages, WatchedView view)
{
    private readonly IReadOnlyList<DueEvent> _all = DueEvent.Of(truth.Log, view);
    private readonly HashSet<(long Revision, string Id)> _seen = [];
    private readonly List<string> _violations = [];
    private long _progress = messages.Count == 0 ? 0 : messages[0].From;
    private long _lastRevision;

    public IReadOnlyList<string> Run()
    {
        foreach (var session in messages.GroupBy(message => message.Session).OrderBy(session => session.Key))
        {
            var from = session.First().From;
            var responses = session.Select(message => WatchResponse.Parser.ParseFrom(message.Message)).ToList();
            if (from == MessageEntry.Snapshot)
            {
                Snapshot(responses);
                continue;
            }

            if (from != _progress)
            {
                Add("W6", $"connection {session.Key} began after {from}, but the one before had reached {_progress}");
            }

            Session(from, responses);
        }

        return _violations;
    }

    /// <summary>A snapshot must be the fold of the log at its revision; later changes are checked as on any other connection.</summary>
    private void Snapshot(List<WatchResponse> responses)
    {
        var complete = responses.FindIndex(response => response.SnapshotComplete);
        var states = responses[..(complete + 1)].SelectMany(response => response.Events).ToList();
        if (complete < 0)
        {
            // The connection was cut during the snapshot; the next one takes a new snapshot.
            return;
        }

        var revision = responses[complete].Revision;
        var expected = Fold(revision);
        if (states.Count != expected.Count
            || states.Any(state => !expected.TryGetValue(state.Change.AgentTask.Id, out var task) || !task.Equals(state.Change.AgentTask)))
        {
            Add("W9", $"the snapshot at {revision} has {states.Count} tasks and differs from the log's {expected.Count} at that revision");
        }

        if (states.Any(state =>
            state.Change.Revision != revision || state.Change.Type != ChangeType.Snapshot || state.Match != FilterMatch.Entered))
        {
            Add("W9", $"the snapshot at {revision} has an event with another revision, type or match");
        }

        if (responses[..complete].Any(response => response.Revision != 0 || response.ResumeToken.Length > 0))
        {
            Add("W4", $"the watch sent progress before the snapshot at {revision} was complete");
        }

        _progress = revision;
        Session(revision, responses[(complete + 1)..]);
    }

    private Dictionary<string, AgentTask> Fold(long revision) => truth.Log.TakeWhile(change => change.Revision <= revision)
        .GroupBy(change => change.AgentTask.Id)
        .Select(changes => changes.Last().AgentTask)
        .Where(view.Holds)
        .ToDictionary(task => task.Id);

    private void Session(long from, List<WatchResponse> responses)
    {
        // The next connection rightly repeats what arrived after the last progress of a cut connection.
        _seen.RemoveWhere(item => item.Revision > from);
        _lastRevision = from;
        var due = _all.Where(item => item.Change.Revision > from).ToList();
        var (received, expected) = (0, 0);
        foreach (var response in responses)
        {
            foreach (var item in response.Events)
            {
                Event(item, received < due.Count ? due[received] : null);
                received++;
            }

            if (response.Revision > 0)
            {
                while (expected < due.Count && due[expected].Change.Revision <= response.Revision)
                {
                    expected++;
                }

                if (received != expected)
                {
                    Add("W4", $"the watch sent progress {response.Revision} after {received} of {expected} changes");
                }

                _progress = response.Revision;
            }
        }
    }

    private void Event(WatchEvent item, DueEvent? due)
    {
        var change = item.Change;
        if (change.Revision < _lastRevision)
        {
            Add("W1", $"revision {change.Revision} came after {_lastRevision}");
        }

        if (change.Revision <= _progress)
        {
            Add("W5", $"revision {change.Revision} came after the progress {_progress}");
        }

        if (!_seen.Add((change.Revision, change.AgentTask.Id)))
        {
            Add("W2", $"revision {change.Revision} came twice");
        }

        if (!change.Equals(due?.Change))
        {
            var isKnown = truth.Log.Contains(change);
            Add(isKnown ? "W3" : "D6",
                isKnown ? $"revision {change.Revision} came where {due?.Change.Revision} was due"
                : $"revision {change.Revision} is not in the log as it was sent");
        }
        else if (item.Match != due!.Match)
        {
            Add("W7", $"revision {change.Revision} is {item.Match}");
        }

        _lastRevision = change.Revision;
    }

    private void Add(string invariant, string what) => _violations.Add($"{invariant} {messages[0].Stream}: {what}");
}
