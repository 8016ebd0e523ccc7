using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>The event that a watch must send for a change, computed by replaying the log.</summary>
internal sealed record DueEvent(Change Change, FilterMatch Match)
{
    public static IReadOnlyList<DueEvent> Of(IEnumerable<Change> log, WatchedView view)
    {
        var due = new List<DueEvent>();
        var states = new Dictionary<string, AgentTask>();
        foreach (var change in log)
        {
            var after = change.AgentTask;
            var was = states.TryGetValue(after.Id, out var before) && view.Holds(before);
            var match = (was, view.Holds(after)) switch
            {
                (false, true) => FilterMatch.Entered,
                (true, true) => FilterMatch.Stayed,
                (true, false) => FilterMatch.Left,
                _ => FilterMatch.Unspecified,
            };
            if (match != FilterMatch.Unspecified)
            {
                due.Add(new DueEvent(change, match));
            }

            states[after.Id] = after;
        }

        return due;
    }
}
