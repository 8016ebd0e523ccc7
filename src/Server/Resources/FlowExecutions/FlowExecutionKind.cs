using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.FlowExecutions;

/// <summary>Flow executions as the ledger stores and lists them.</summary>
internal sealed class FlowExecutionKind() : KindDefinition<FlowExecution, FlowExecutionRow>(ResourceKind.FlowExecution)
{
    public override IReadOnlyList<SortField<FlowExecutionRow>> SortFields { get; } =
    [
        SortField<FlowExecutionRow>.Of("created_at", row => row.CreatedAt),
        SortField<FlowExecutionRow>.Of("updated_at", row => row.UpdatedAt),
        SortField<FlowExecutionRow>.Of("status", row => row.Status),
    ];

    public override FilterFields<FlowExecutionRow> FilterFields { get; } = new FilterFields<FlowExecutionRow>()
        .Id("id", row => row.Id)
        .Text("organization_id", row => row.OrganizationId)
        .Moment("created_at", row => row.CreatedAt)
        .Moment("updated_at", row => row.UpdatedAt)
        .Moment("started_at", row => row.StartedAt)
        .Moment("finished_at", row => row.FinishedAt)
        .Enum<FlowExecutionStatus>("status", row => row.Status)
        .Text("workflow_id", row => row.WorkflowId);

    protected override bool IsTerminal(FlowExecution resource) => OpenFlow.IsFinished(resource);

    protected override bool IsDeleted(FlowExecution resource) => false;

    protected override ResourceRow OwnColumns(FlowExecution resource) => new FlowExecutionRow
    {
        StartedAt = Moment.ToColumn(resource.StartedAt),
        FinishedAt = Moment.ToColumn(resource.FinishedAt),
        WorkflowId = resource.WorkflowId,
    };
}
