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
    : DueTimes(SchedulePurpose.Approval, Usual, lanes, signal, store, outages, time, logger)
{
    protected override Task FireAsync(string organizationId, IReadOnlyList<DueResource> due, CancellationToken stopping) =>
        CommitTogetherAsync(organizationId, kind, due, decisions.Expire, stopping);
}
