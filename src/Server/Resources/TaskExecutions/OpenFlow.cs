using TaskGrpc.Server.Faults;
using TaskGrpc.V1;
using static TaskGrpc.V1.FlowExecutionStatus;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>The rule that an execution needs a flow that is not finished.</summary>
internal static class OpenFlow
{
    public static bool IsFinished(FlowExecution flow) => flow.Status is Completed or Failed or Canceled;

    /// <exception cref="Fault">FLOW_EXECUTION_FINISHED.</exception>
    public static void Require(FlowExecution flow)
    {
        if (IsFinished(flow))
        {
            throw Finished(flow);
        }
    }

    public static Fault Finished(FlowExecution flow) => Fault.Precondition(
        ErrorReason.FlowExecutionFinished,
        $"FlowExecution/{flow.Id}",
        $"The flow execution '{flow.Id}' is in {EnumNames<FlowExecutionStatus>.Of(flow.Status)} and accepts no more executions. "
        + "Move it back to FLOW_EXECUTION_STATUS_RUNNING if it failed, or create a new one.");
}
