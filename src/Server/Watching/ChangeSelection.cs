using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>The changes that a watch or a page selects.</summary>
internal sealed class ChangeSelection
{
    private readonly int _kinds;
    private readonly bool _transitionsOnly;

    /// <exception cref="Faults.Fault">INVALID_FILTER.</exception>
    public ChangeSelection(ResourceKinds kinds, WatchRequest request)
        : this(kinds, request.Kinds, request.Ids, request.Filter, request.ShowDeleted) => _transitionsOnly = request.TransitionsOnly;

    /// <exception cref="Faults.Fault">INVALID_FILTER.</exception>
    public ChangeSelection(ResourceKinds kinds, ListChangesRequest request)
        : this(kinds, request.Kinds, request.Ids, request.Filter, request.ShowDeleted)
    {
    }

    private ChangeSelection(
        ResourceKinds kinds, IReadOnlyCollection<ResourceKind> named, IEnumerable<string> ids, string filter, bool showDeleted)
    {
        _kinds = named.Aggregate(0, (set, kind) => set | (1 << (int)kind));
        ShowDeleted = showDeleted;
        Kinds = kinds.Among(named);
        Ids = ids.Select(Guid.Parse).ToHashSet();
        Filter = filter.Length > 0 ? new ChangeFilter(Kinds.Single(), filter, showDeleted) : null;
    }

    /// <summary>Whether deleted resources stay in the view.</summary>
    public bool ShowDeleted { get; }

    /// <summary>The kinds of the selected resources.</summary>
    public IReadOnlyList<KindDefinition> Kinds { get; }

    /// <summary>The selected resources; empty for all.</summary>
    public HashSet<Guid> Ids { get; }

    public ChangeFilter? Filter { get; }

    /// <summary>Whether a selected change enters, stays in or leaves the filter; unspecified for a change that is not selected.</summary>
    public FilterMatch MatchOf(LoggedChange change) =>
        !IsOfSelected(change) || (_transitionsOnly && change.Type == ChangeType.Updated) ? FilterMatch.Unspecified
        : Filter is not null ? Filter.MatchOf(change)
        : change.Type switch
        {
            // Without a filter a resource matches until it is deleted, or always with show_deleted.
            ChangeType.Created => FilterMatch.Entered,
            ChangeType.Deleted when !ShowDeleted => FilterMatch.Left,
            _ => FilterMatch.Stayed,
        };

    /// <summary>Whether the change is of a selected resource, even if the change itself is not selected.</summary>
    public bool IsOfSelected(LoggedChange change) =>
        (_kinds == 0 || (_kinds & (1 << (int)change.Kind)) != 0) && (Ids.Count == 0 || Ids.Contains(change.ResourceId));
}
