using TaskGrpc.Server.Faults;
using TaskGrpc.V1;
using static TaskGrpc.V1.FlowExecutionStatus;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>What an execution asks of its flow: that it is not finished.</summary>
internal static class OpenFlow
{
    /// <summary>Whether the flow takes no more executions.</summary>
    public static bool IsFinished(FlowExecution flow) => flow.Status is Completed or Failed or Canceled;

    /// <exception cref="Fault">FLOW_EXECUTION_FINISHED.</exception>
    public static void Require(FlowExecution flow)
    {
        if (IsFinished(flow))
        {
            throw Finished(flow);
        }
    }

    /// <summary>The refusal of an execution by a flow that takes no more.</summary>
    public static Fault Finished(FlowExecution flow) => Fault.Precondition(
        ErrorReason.FlowExecutionFinished,
        $"FlowExecution/{flow.Id}",
        $"The flow execution '{flow.Id}' is in {EnumNames<FlowExecutionStatus>.Of(flow.Status)} and takes no more executions. "
        + "Move a FAILED one back to FLOW_EXECUTION_STATUS_RUNNING, or create a new one.");
}
