using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>What a change of a resource does to the resources that it covers.</summary>
/// <param name="Kind">Their kind.</param>
/// <param name="Find">Finds the next ones in order, after one, at most as many as given.</param>
/// <param name="Change">Changes one of them, for a reason.</param>
internal sealed record CascadeOf(
    KindDefinition Kind, Func<UnitOfWork, Guid, Covered, int, List<Covered>> Find, Action<UnitOfWork, string, string?> Change);
