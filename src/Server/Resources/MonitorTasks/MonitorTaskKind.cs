using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.MonitorTasks;

/// <summary>Monitor tasks as the ledger stores and lists them.</summary>
internal sealed class MonitorTaskKind() : KindDefinition<MonitorTask>(ResourceKind.MonitorTask, Tables.MonitorTasks)
{
    public override Columns<MonitorTask> Columns { get; } = new Columns<MonitorTask>()
        .Id("task_id", task => task.TaskId, column: "id")
        .Text("organization_id", task => task.OrganizationId)
        .Moment("created_at", task => task.CreatedAt, sort: true)
        .OptionalMoment("last_triggered_at", task => task.LastTriggeredAt)
        .Text("intent", task => task.Intent)
        .Text("concept_id", task => task.ConceptId)
        .Text("concept_version", task => task.ConceptVersion)
        .Text("condition_id", task => task.ConditionId)
        .Text("condition_version", task => task.ConditionVersion)
        .Text("action_id", task => task.ActionId)
        .Text("action_version", task => task.ActionVersion)
        .Text("entity_scope", task => task.EntityScope)
        .Enum("delivery.type", task => task.Delivery.Type)
        .Text("delivery.endpoint", task => task.Delivery.HasEndpoint ? task.Delivery.Endpoint : null)
        .Text("delivery.channel", task => task.Delivery.HasChannel ? task.Delivery.Channel : null, group: true)
        .Text("delivery.workflow_id", task => task.Delivery.HasWorkflowId ? task.Delivery.WorkflowId : null, group: true)
        .Enum("status", task => task.Status, sort: true)
        .Text("context_version", task => task.HasContextVersion ? task.ContextVersion : null)
        .Text("context_warning", task => task.HasContextWarning ? task.ContextWarning : null)
        .Text("guardrails_version", task => task.HasGuardrailsVersion ? task.GuardrailsVersion : null)
        .Text("external_key", task => task.HasExternalKey ? task.ExternalKey : null);

    protected override bool IsTerminal(MonitorTask resource) => false;

    protected override bool IsDeleted(MonitorTask resource) => resource.Status == MonitorTaskStatus.Deleted;
}
