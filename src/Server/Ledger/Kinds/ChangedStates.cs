using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>What a change did to a resource, as filters see it.</summary>
/// <param name="Before">The state before; null at creation.</param>
/// <param name="After">The state after.</param>
internal sealed record ChangedStates(IResource? Before, IResource After)
{
    public static ChangedStates Of(KindDefinition kind, Change change) => new(kind.Before(change), kind.After(change));
}
