using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>Task executions as the ledger stores and lists them.</summary>
internal sealed class TaskExecutionKind() : KindDefinition<TaskExecution, TaskExecutionRow>(ResourceKind.TaskExecution)
{
    public override IReadOnlyList<SortField<TaskExecutionRow>> SortFields { get; } =
    [
        SortField<TaskExecutionRow>.Of("created_at", row => row.CreatedAt),
        SortField<TaskExecutionRow>.Of("updated_at", row => row.UpdatedAt),
        SortField<TaskExecutionRow>.Of("status", row => row.Status),
    ];

    public override FilterFields<TaskExecutionRow> FilterFields { get; } = new FilterFields<TaskExecutionRow>()
        .Id("id", row => row.Id)
        .Text("organization_id", row => row.OrganizationId)
        .Moment("created_at", row => row.CreatedAt)
        .Moment("updated_at", row => row.UpdatedAt)
        .Id("flow_execution_id", row => row.FlowExecutionId)
        .Text("task_name", row => row.TaskName)
        .Number("task_execution_index", row => row.TaskExecutionIndex)
        .Enum<TaskExecutionStatus>("status", row => row.Status)
        .Text("last_modified_by", row => row.LastModifiedBy)
        .Moment("started_at", row => row.StartedAt)
        .Moment("finished_at", row => row.FinishedAt);

    protected override bool IsTerminal(TaskExecution resource) => resource.Status is not (TaskExecutionStatus.Queued or TaskExecutionStatus.Running);

    protected override bool IsDeleted(TaskExecution resource) => resource.Status == TaskExecutionStatus.Deleted;

    protected override ResourceRow OwnColumns(TaskExecution resource) => new TaskExecutionRow
    {
        FlowExecutionId = Guid.Parse(resource.FlowExecutionId),
        TaskName = resource.TaskName,
        TaskExecutionIndex = resource.TaskExecutionIndex,
        LastModifiedBy = resource.LastModifiedBy,
        StartedAt = Moment.ToColumn(resource.StartedAt),
        FinishedAt = Moment.ToColumn(resource.FinishedAt),
    };
}
