using TaskGrpc.Server.Ledger.Committing;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>What a change of a resource does to the resources that it covers.</summary>
/// <param name="Find">Finds the next ones in order, after one, at most as many as given.</param>
/// <param name="Change">Changes some of them, for a reason.</param>
internal sealed record CascadeOf(
    Func<UnitOfWork, Guid, Covered, int, List<Covered>> Find, Action<UnitOfWork, IReadOnlyList<Guid>, string?> Change);
