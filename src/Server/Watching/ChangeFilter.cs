using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>A filter over one kind, as a watch applies it: to the states before and after each change.</summary>
/// <param name="kind">The kind.</param>
/// <param name="text">The filter.</param>
/// <param name="showDeleted">Whether deleted states can match; otherwise they never do.</param>
internal sealed class ChangeFilter(KindDefinition kind, string text, bool showDeleted)
{
    private readonly Func<ResourceRow, bool> _matches = kind.Filter(text);

    public string Text { get; } = text;

    /// <summary>Whether a state matches. The caller checks whether it is deleted.</summary>
    public bool Matches(IResource resource) => _matches(kind.ToRow(resource));

    /// <summary>How the change moved its resource into, within or out of the filter; unspecified if it stayed outside.</summary>
    public FilterMatch MatchOf(LoggedChange change)
    {
        var rows = change.Rows(kind);
        var (was, @is) = (IsMatch(rows.Before), IsMatch(rows.After));
        return (was, @is) switch
        {
            (false, true) => FilterMatch.Entered,
            (true, true) => FilterMatch.Stayed,
            (true, false) => FilterMatch.Left,
            _ => FilterMatch.Unspecified,
        };
    }

    private bool IsMatch(ResourceRow? row) => row is not null && (showDeleted || !row.Deleted) && _matches(row);
}
