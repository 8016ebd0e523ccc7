using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>A filter over one kind, as a watch applies it: to the states before and after each change.</summary>
/// <param name="kind">The kind.</param>
/// <param name="text">The filter.</param>
/// <param name="showDeleted">Whether deleted states can match; otherwise they never do.</param>
internal sealed class ChangeFilter(KindDefinition kind, string text, bool showDeleted)
{
    private readonly Func<IResource, bool> _matches = kind.Filter(text);

    public string Text { get; } = text;

    /// <summary>Whether a state matches, if it may be in the view at all.</summary>
    public bool Matches(IResource resource) => _matches(resource);

    /// <summary>How the change moved its resource into, within or out of the filter; unspecified if it stayed outside.</summary>
    public FilterMatch MatchOf(LoggedChange change)
    {
        var states = change.States(kind);
        var (was, @is) = (IsMatch(states.Before), IsMatch(states.After));
        return (was, @is) switch
        {
            (false, true) => FilterMatch.Entered,
            (true, true) => FilterMatch.Stayed,
            (true, false) => FilterMatch.Left,
            _ => FilterMatch.Unspecified,
        };
    }

    private bool IsMatch(IResource? state) => state is not null && (showDeleted || !kind.IsDeleted(state)) && _matches(state);
}
