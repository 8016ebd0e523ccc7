using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>Deliveries as the ledger stores and lists them.</summary>
internal sealed class DeliveryKind() : KindDefinition<Delivery>(ResourceKind.Delivery, Tables.Deliveries)
{
    public override Columns<Delivery> Columns { get; } = new Columns<Delivery>()
        .Id("id", delivery => delivery.Id)
        .Text("organization_id", delivery => delivery.OrganizationId)
        .Moment("created_at", delivery => delivery.CreatedAt, sort: true)
        .Moment("updated_at", delivery => delivery.UpdatedAt, sort: true)
        .Id("task_id", delivery => delivery.TaskId)
        .Text("trigger_key", delivery => delivery.TriggerKey)
        .Enum("target.type", delivery => delivery.Target.Type)
        .Text("target.endpoint", delivery => delivery.Target.HasEndpoint ? delivery.Target.Endpoint : null)
        .Text("target.channel", delivery => delivery.Target.HasChannel ? delivery.Target.Channel : null, group: true)
        .Text("target.workflow_id", delivery => delivery.Target.HasWorkflowId ? delivery.Target.WorkflowId : null, group: true)
        .Enum("status", delivery => delivery.Status, sort: true)
        .Number("attempt_count", delivery => delivery.AttemptCount)
        .OptionalMoment("next_attempt_at", delivery => delivery.NextAttemptAt)
        .OptionalMoment("delivered_at", delivery => delivery.DeliveredAt)
        .OptionalId("flow_execution_id", delivery => delivery.HasFlowExecutionId ? Guid.Parse(delivery.FlowExecutionId) : null);

    protected override bool IsTerminal(Delivery resource) =>
        resource.Status is DeliveryStatus.Delivered or DeliveryStatus.Dead or DeliveryStatus.Canceled;

    protected override bool IsDeleted(Delivery resource) => false;
}
