using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger;

/// <summary>The kinds that this server serves.</summary>
internal sealed class ResourceKinds(IEnumerable<KindDefinition> kinds)
{
    private readonly Dictionary<ResourceKind, KindDefinition> _kinds = kinds.ToDictionary(kind => kind.Kind);

    public KindDefinition Of(ResourceKind kind) => _kinds[kind];

    /// <summary>Those among the named ones that are served; all if none is named.</summary>
    public IReadOnlyList<KindDefinition> Among(IReadOnlyCollection<ResourceKind> named) =>
        [.. _kinds.Values.Where(kind => named.Count == 0 || named.Contains(kind.Kind))];
}
