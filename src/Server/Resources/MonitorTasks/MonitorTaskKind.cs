using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.MonitorTasks;

/// <summary>Monitor tasks as the ledger stores and lists them.</summary>
internal sealed class MonitorTaskKind() : KindDefinition<MonitorTask, MonitorTaskRow>(ResourceKind.MonitorTask)
{
    public override IReadOnlyList<SortField<MonitorTaskRow>> SortFields { get; } =
    [
        SortField<MonitorTaskRow>.Of("created_at", row => row.CreatedAt),
        SortField<MonitorTaskRow>.Of("status", row => row.Status),
    ];

    public override FilterFields<MonitorTaskRow> FilterFields { get; } = new FilterFields<MonitorTaskRow>()
        .Id("task_id", row => row.Id)
        .Text("organization_id", row => row.OrganizationId)
        .Moment("created_at", row => row.CreatedAt)
        .Moment("last_triggered_at", row => row.LastTriggeredAt)
        .Text("intent", row => row.Intent)
        .Text("concept_id", row => row.ConceptId)
        .Text("concept_version", row => row.ConceptVersion)
        .Text("condition_id", row => row.ConditionId)
        .Text("condition_version", row => row.ConditionVersion)
        .Text("action_id", row => row.ActionId)
        .Text("action_version", row => row.ActionVersion)
        .Text("entity_scope", row => row.EntityScope)
        .Enum<DeliveryType>("delivery.type", row => row.DeliveryType)
        .Text("delivery.endpoint", row => row.DeliveryEndpoint)
        .Text("delivery.channel", row => row.DeliveryChannel)
        .Text("delivery.workflow_id", row => row.DeliveryWorkflowId)
        .Enum<MonitorTaskStatus>("status", row => row.Status)
        .Text("context_version", row => row.ContextVersion)
        .Text("context_warning", row => row.ContextWarning)
        .Text("guardrails_version", row => row.GuardrailsVersion);

    protected override bool IsTerminal(MonitorTask resource) => false;

    protected override bool IsDeleted(MonitorTask resource) => resource.Status == MonitorTaskStatus.Deleted;

    protected override ResourceRow OwnColumns(MonitorTask resource) => new MonitorTaskRow
    {
        LastTriggeredAt = Moment.ToColumn(resource.LastTriggeredAt),
        Intent = resource.Intent,
        ConceptId = resource.ConceptId,
        ConceptVersion = resource.ConceptVersion,
        ConditionId = resource.ConditionId,
        ConditionVersion = resource.ConditionVersion,
        ActionId = resource.ActionId,
        ActionVersion = resource.ActionVersion,
        EntityScope = resource.EntityScope,
        DeliveryType = (int)resource.Delivery.Type,
        DeliveryEndpoint = resource.Delivery.HasEndpoint ? resource.Delivery.Endpoint : null,
        DeliveryChannel = resource.Delivery.HasChannel ? resource.Delivery.Channel : null,
        DeliveryWorkflowId = resource.Delivery.HasWorkflowId ? resource.Delivery.WorkflowId : null,
        ContextVersion = resource.HasContextVersion ? resource.ContextVersion : null,
        ContextWarning = resource.HasContextWarning ? resource.ContextWarning : null,
        GuardrailsVersion = resource.HasGuardrailsVersion ? resource.GuardrailsVersion : null,
    };
}
