using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>Checks one watch over all its connections against the log: W1 to W7, D6.</summary>
internal sealed class StreamCheck(GroundTruth truth, IReadOnlyList<MessageEntry> messages)
{
    private readonly HashSet<(long Revision, string Id)> _seen = [];
    private readonly List<string> _violations = [];
    private long _progress = messages.Count == 0 ? 0 : messages[0].From;
    private long _lastRevision;

    public IReadOnlyList<string> Run()
    {
        foreach (var session in messages.GroupBy(message => message.Session).OrderBy(session => session.Key))
        {
            var from = session.First().From;
            if (from != _progress)
            {
                Add("W6", $"connection {session.Key} began after {from}, the one before had come to {_progress}");
            }

            // What came after the last progress of a cut connection comes again on the next one, rightly.
            _seen.RemoveWhere(item => item.Revision > from);
            _lastRevision = from;
            Session(from, [.. session.Select(message => WatchResponse.Parser.ParseFrom(message.Message))]);
        }

        return _violations;
    }

    private void Session(long from, List<WatchResponse> responses)
    {
        var due = truth.Log.Where(change => change.Revision > from).ToList();
        var received = 0;
        foreach (var response in responses)
        {
            foreach (var item in response.Events)
            {
                Event(item, received < due.Count ? due[received] : null);
                received++;
            }

            if (response.Revision > 0)
            {
                var expected = due.Count(change => change.Revision <= response.Revision);
                if (received != expected)
                {
                    Add("W4", $"progress {response.Revision} was told after {received} of {expected} changes");
                }

                _progress = response.Revision;
            }
        }
    }

    private void Event(WatchEvent item, Change? due)
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

        if (!change.Equals(due))
        {
            var isKnown = truth.Log.Contains(change);
            Add(isKnown ? "W3" : "D6", isKnown ? $"revision {change.Revision} came where {due?.Revision} was due" : $"revision {change.Revision} is not in the log as it was sent");
        }

        if (item.Match != Expected(change.Type))
        {
            Add("W7", $"revision {change.Revision} is {item.Match}");
        }

        _lastRevision = change.Revision;
    }

    private static FilterMatch Expected(ChangeType type) => type switch
    {
        ChangeType.Created => FilterMatch.Entered,
        ChangeType.Deleted => FilterMatch.Left,
        _ => FilterMatch.Stayed,
    };

    private void Add(string invariant, string what) => _violations.Add($"{invariant} {messages[0].Stream}: {what}");
}
