using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>Ends leases whose time has passed, each by a commit of its own.</summary>
internal sealed class LeaseExpiry(
    IEnumerable<KindWork> kinds, CommitLanes lanes, CommitSignal signal, TaskStore store, StoreOutages outages, TimeProvider time,
    ILogger<LeaseExpiry> logger) : DueTimes(SchedulePurpose.Lease, Usual, lanes, signal, store, outages, time, logger)
{
    private readonly Dictionary<int, KindWork> _kinds = kinds.ToDictionary(kind => (int)kind.Kind);

    protected override int Limit => 250;

    protected override Task FireAsync(string organizationId, IReadOnlyList<DueResource> due, CancellationToken stopping) =>
        Task.WhenAll(due.Select(item => CommitAsync(Caller.System(organizationId), unit =>
        {
            if (unit.FindLease(item.Id) is { } lease)
            {
                _kinds[lease.Kind].Expire(unit, lease);
            }
        }, stopping)));
}
