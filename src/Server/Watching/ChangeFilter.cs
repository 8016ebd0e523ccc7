using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>A filter over one kind, as a watch applies it: to the states before and after each change.</summary>
internal sealed class ChangeFilter(KindDefinition kind, string text)
{
    private readonly Func<ResourceRow, bool> _matches = kind.Filter(text);

    public string Text { get; } = text;

    /// <summary>Whether a living state matches.</summary>
    public bool Matches(IResource resource) => _matches(kind.ToRow(resource));

    /// <summary>How the change moved its resource through the filter; unspecified if it was outside and still is.</summary>
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

    private bool IsMatch(ResourceRow? row) => row is { Deleted: false } && _matches(row);
}
