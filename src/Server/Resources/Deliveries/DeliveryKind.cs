using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>Deliveries as the ledger stores and lists them.</summary>
internal sealed class DeliveryKind() : KindDefinition<Delivery, DeliveryRow>(ResourceKind.Delivery)
{
    public override IReadOnlyList<SortField<DeliveryRow>> SortFields { get; } =
    [
        SortField<DeliveryRow>.Of("created_at", row => row.CreatedAt),
        SortField<DeliveryRow>.Of("updated_at", row => row.UpdatedAt),
        SortField<DeliveryRow>.Of("status", row => row.Status),
    ];

    public override FilterFields<DeliveryRow> FilterFields { get; } = new FilterFields<DeliveryRow>()
        .Id("id", row => row.Id)
        .Text("organization_id", row => row.OrganizationId)
        .Moment("created_at", row => row.CreatedAt)
        .Moment("updated_at", row => row.UpdatedAt)
        .Id("task_id", row => row.TaskId)
        .Text("trigger_key", row => row.TriggerKey)
        .Enum<DeliveryType>("target.type", row => row.TargetType)
        .Text("target.endpoint", row => row.TargetEndpoint)
        .Text("target.channel", row => row.TargetChannel)
        .Text("target.workflow_id", row => row.TargetWorkflowId)
        .Enum<DeliveryStatus>("status", row => row.Status)
        .Number("attempt_count", row => row.AttemptCount)
        .Moment("next_attempt_at", row => row.NextAttemptAt)
        .Moment("delivered_at", row => row.DeliveredAt)
        .Id("flow_execution_id", row => row.FlowExecutionId);

    protected override bool IsTerminal(Delivery resource) => resource.Status is DeliveryStatus.Delivered or DeliveryStatus.Dead or DeliveryStatus.Canceled;

    protected override bool IsDeleted(Delivery resource) => false;

    protected override ResourceRow OwnColumns(Delivery resource) => new DeliveryRow
    {
        TaskId = Guid.Parse(resource.TaskId),
        TriggerKey = resource.TriggerKey,
        TargetType = (int)resource.Target.Type,
        TargetEndpoint = resource.Target.HasEndpoint ? resource.Target.Endpoint : null,
        TargetChannel = resource.Target.HasChannel ? resource.Target.Channel : null,
        TargetWorkflowId = resource.Target.HasWorkflowId ? resource.Target.WorkflowId : null,
        AttemptCount = resource.AttemptCount,
        NextAttemptAt = Moment.ToColumn(resource.NextAttemptAt),
        DeliveredAt = Moment.ToColumn(resource.DeliveredAt),
        FlowExecutionId = resource.HasFlowExecutionId ? Guid.Parse(resource.FlowExecutionId) : null,
    };
}
