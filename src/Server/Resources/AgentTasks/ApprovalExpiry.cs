using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>Ends requests for approval whose time has passed: all of an organization together, up to 1,000 in a revision.</summary>
internal sealed class ApprovalExpiry(
    AgentTaskDecisions decisions, KindDefinition<AgentTask> kind, CommitLanes lanes, CommitSignal signal, TaskStore store,
    StoreOutages outages, TimeProvider time, ILogger<ApprovalExpiry> logger)
    : DueTimes(SchedulePurpose.Approval, Interval, lanes, signal, store, outages, time, logger)
{
    /// <summary>How often the schedule is read, and so how late a request may end.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override int Limit => 1000;

    protected override Task FireAsync(string organizationId, IReadOnlyList<DueResource> due, CancellationToken stopping) =>
        CommitAsync(Caller.System(organizationId), unit =>
        {
            unit.Foresee(kind, due.Select(item => item.Id));
            foreach (var item in due)
            {
                decisions.Expire(unit, item.Id);
            }
        }, stopping);
}
