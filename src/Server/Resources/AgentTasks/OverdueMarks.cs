using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>Marks agent tasks as overdue when their due_at passes: all of an organization together, up to 1,000 in a revision.</summary>
internal sealed class OverdueMarks(
    KindDefinition<AgentTask> kind, CommitLanes lanes, CommitSignal signal, TaskStore store, StoreOutages outages, TimeProvider time,
    ILogger<OverdueMarks> logger) : DueTimes(SchedulePurpose.Due, Usual, lanes, signal, store, outages, time, logger)
{
    protected override Task FireAsync(string organizationId, IReadOnlyList<DueResource> due, CancellationToken stopping) =>
        CommitTogetherAsync(organizationId, kind, due, Mark, stopping);

    /// <summary>Marks a task, unless its due_at has moved, or it has finished, since the schedule was read.</summary>
    private void Mark(UnitOfWork unit, Guid id)
    {
        if (unit.Find(kind, id) is { } task && AgentTaskTimes.Due(task) is { } due && due <= unit.Now)
        {
            unit.Change(kind, id.ToString(), etag: "", "due_at has passed.", static (_, overdue, _) => overdue.Overdue = true);
        }
    }
}
