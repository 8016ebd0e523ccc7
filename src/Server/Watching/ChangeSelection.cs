using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>Which changes a watch or a page wants.</summary>
internal sealed class ChangeSelection
{
    private readonly int _kinds;
    private readonly bool _transitionsOnly;

    public ChangeSelection(IEnumerable<ResourceKind> kinds, IEnumerable<string> ids, bool transitionsOnly)
    {
        _kinds = kinds.Aggregate(0, (set, kind) => set | (1 << (int)kind));
        _transitionsOnly = transitionsOnly;
        Ids = ids.Select(Guid.Parse).ToHashSet();
    }

    /// <summary>The resources that are wanted; empty for all.</summary>
    public HashSet<Guid> Ids { get; }

    public bool Wants(LoggedChange change) =>
        (_kinds == 0 || (_kinds & (1 << (int)change.Kind)) != 0)
        && (!_transitionsOnly || change.Type != ChangeType.Updated)
        && (Ids.Count == 0 || Ids.Contains(change.ResourceId));
}
