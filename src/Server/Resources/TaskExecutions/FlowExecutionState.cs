using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>What an execution must know of its flow.</summary>
internal readonly record struct FlowExecutionState(FlowExecution Flow)
{
    public bool IsFinished => FlowExecutionLifecycle.IsFinished(Flow);

    /// <exception cref="Fault">FLOW_EXECUTION_FINISHED.</exception>
    public void RequireOpen()
    {
        if (IsFinished)
        {
            throw Fault.Precondition(ErrorReason.FlowExecutionFinished, $"FlowExecution/{Flow.Id}", $"The flow execution '{Flow.Id}' is in {Ledger.StatusNames<FlowExecutionStatus>.Of(Flow.Status)} and takes no more executions. Move a FAILED one back to FLOW_EXECUTION_STATUS_RUNNING, or create a new one.");
        }
    }
}
