using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>Task executions as the ledger stores and lists them.</summary>
internal sealed class TaskExecutionKind() : KindDefinition<TaskExecution>(ResourceKind.TaskExecution, Tables.TaskExecutions)
{
    public override Columns<TaskExecution> Columns { get; } = new Columns<TaskExecution>()
        .Id("id", execution => execution.Id)
        .Text("organization_id", execution => execution.OrganizationId)
        .Moment("created_at", execution => execution.CreatedAt, sort: true)
        .Moment("updated_at", execution => execution.UpdatedAt, sort: true)
        .Id("flow_execution_id", execution => execution.FlowExecutionId, group: true)
        .Text("task_name", execution => execution.TaskName)
        .Number("task_execution_index", execution => execution.TaskExecutionIndex)
        .Enum("status", execution => execution.Status, sort: true)
        .Text("last_modified_by", execution => execution.LastModifiedBy)
        .OptionalMoment("started_at", execution => execution.StartedAt)
        .OptionalMoment("finished_at", execution => execution.FinishedAt)
        .Claims(TaskExecutionReadiness.ReadyFor);

    protected override bool IsTerminal(TaskExecution resource) =>
        resource.Status is not (TaskExecutionStatus.Queued or TaskExecutionStatus.Running);

    protected override bool IsDeleted(TaskExecution resource) => resource.Status == TaskExecutionStatus.Deleted;
}
