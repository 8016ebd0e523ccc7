using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.FlowExecutions;

/// <summary>A flow's transition. Canceling a flow cancels its open executions in the same revision.</summary>
internal sealed class FlowExecutionVerbs(KindDefinition<FlowExecution> kind, KindDefinition<TaskExecution> executions)
{
    private static readonly TaskExecutionStatus[] Open = [TaskExecutionStatus.Queued, TaskExecutionStatus.Running];

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION.</exception>
    public FlowExecution Transition(UnitOfWork unit, TransitionFlowExecutionRequest request)
    {
        var flow = unit.Change(kind, request.Id, request.Etag, request.Reason,
            (_, changed, at) => FlowExecutionRules.Transition(changed, request.Status, at));
        if (flow.Status == FlowExecutionStatus.Canceled)
        {
            var keys = unit.Query<TaskExecutionStatements>();
            foreach (var id in Open.SelectMany(status => keys.InStatus(unit.Caller.OrganizationId, Guid.Parse(flow.Id), (int)status)))
            {
                unit.Change(executions, id.ToString(), etag: "", request.Reason,
                    (_, execution, at) => TaskExecutionRules.Cancel(execution, unit.Caller, at));
            }
        }

        return flow;
    }
}
