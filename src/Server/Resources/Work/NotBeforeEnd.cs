using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>Makes work ready when its not_before passes: all of an organization together, up to 1,000 in a revision.</summary>
internal sealed class NotBeforeEnd(
    IEnumerable<KindWork> kinds, CommitLanes lanes, CommitSignal signal, TaskStore store, StoreOutages outages, TimeProvider time,
    ILogger<NotBeforeEnd> logger) : DueTimes(SchedulePurpose.NotBefore, Usual, lanes, signal, store, outages, time, logger)
{
    private readonly KindWork[] _kinds = [.. kinds.Where(kind => kind.HasNotBefore)];

    protected override Task FireAsync(string organizationId, IReadOnlyList<DueResource> due, CancellationToken stopping) =>
        CommitAsync(Caller.System(organizationId), unit =>
        {
            // The schedule does not say of which kind a resource is.
            Guid[] ids = [.. due.Select(item => item.Id)];
            foreach (var kind in _kinds)
            {
                ids = kind.EndNotBefore(unit, ids);
            }
        }, stopping);
}
