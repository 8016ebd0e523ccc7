using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>The kinds that this server serves.</summary>
internal sealed class ResourceKinds(IEnumerable<KindDefinition> kinds)
{
    private readonly KindDefinition[] _kinds = [.. kinds];

    /// <summary>Those among the named ones that are served; all if none is named.</summary>
    public IReadOnlyList<KindDefinition> Among(IReadOnlyCollection<ResourceKind> named) =>
        [.. _kinds.Where(kind => named.Count == 0 || named.Contains(kind.Kind))];
}
