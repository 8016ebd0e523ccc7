using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.FlowExecutions;

/// <summary>A flow's transition. Canceling a flow cancels its open executions.</summary>
internal sealed class FlowExecutionVerbs(KindDefinition<FlowExecution> kind, KindDefinition<TaskExecution> executions)
{
    /// <summary>What canceling a flow cancels: its open executions. A CANCELED flow gets no others.</summary>
    public CascadeOf Covered { get; } = new(
        executions,
        (unit, flow, after, limit) => unit.Query<TaskExecutionStatements>().Open(unit.Caller.OrganizationId, flow, after, limit),
        (unit, id, reason) => unit.Change(
            executions, id, etag: "", reason, (_, execution, at) => TaskExecutionRules.Cancel(execution, unit.Caller, at)));

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION.</exception>
    public FlowExecution Transition(UnitOfWork unit, TransitionFlowExecutionRequest request)
    {
        var wasFinished = false;
        var flow = unit.Change(kind, request.Id, request.Etag, request.Reason, (before, changed, at) =>
        {
            wasFinished = OpenFlow.IsFinished(before);
            FlowExecutionRules.Transition(changed, request.Status, at);
        });
        var (organization, id) = (unit.Caller.OrganizationId, Guid.Parse(flow.Id));
        switch (flow.Status)
        {
            case FlowExecutionStatus.Canceled:
                Cascade.Begin(unit, kind.Kind, flow.Id, request.Reason, Covered);
                break;
            case FlowExecutionStatus.Completed or FlowExecutionStatus.Failed:
                unit.Effects.Add(writer => writer.Query<TaskExecutionStatements>().TakeAllOut(organization, id));
                break;
            case FlowExecutionStatus.Running when wasFinished:
                unit.Effects.Add(writer => writer.Query<TaskExecutionStatements>().BringIn(organization, id));
                break;
        }

        return flow;
    }
}
