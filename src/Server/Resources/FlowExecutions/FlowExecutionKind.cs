using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.FlowExecutions;

/// <summary>Flow executions as the ledger stores and lists them.</summary>
internal sealed class FlowExecutionKind() : KindDefinition<FlowExecution>(ResourceKind.FlowExecution, Tables.FlowExecutions)
{
    public override Columns<FlowExecution> Columns { get; } = new Columns<FlowExecution>()
        .Id("id", flow => flow.Id)
        .Text("organization_id", flow => flow.OrganizationId)
        .Moment("created_at", flow => flow.CreatedAt, sort: true)
        .Moment("updated_at", flow => flow.UpdatedAt, sort: true)
        .OptionalMoment("started_at", flow => flow.StartedAt)
        .OptionalMoment("finished_at", flow => flow.FinishedAt)
        .Enum("status", flow => flow.Status, sort: true)
        .Text("workflow_id", flow => flow.WorkflowId, group: true)
        .Text("external_key", flow => flow.HasExternalKey ? flow.ExternalKey : null);

    protected override bool IsTerminal(FlowExecution resource) => OpenFlow.IsFinished(resource);

    protected override bool IsDeleted(FlowExecution resource) => false;
}
