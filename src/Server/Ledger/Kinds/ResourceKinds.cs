using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Kinds;

internal sealed class ResourceKinds(IEnumerable<KindDefinition> kinds)
{
    private readonly KindDefinition[] _kinds = [.. kinds];

    /// <summary>The served kinds among the named ones; all kinds if none is named.</summary>
    public IReadOnlyList<KindDefinition> Among(IReadOnlyCollection<ResourceKind> named) =>
        [.. _kinds.Where(kind => named.Count == 0 || named.Contains(kind.Kind))];
}
