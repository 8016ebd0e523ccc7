using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;
using static TaskGrpc.V1.FlowExecutionStatus;

namespace TaskGrpc.Server.Resources.FlowExecutions;

/// <summary>The lifecycle of flow executions. It is the orchestrator's word, never derived.</summary>
internal static class FlowExecutionLifecycle
{
    public const string Transition = nameof(Transition);

    public static StateMachine<FlowExecutionStatus> Machine { get; } = new(
        Queued,
        new([Queued], [Running, Failed, Canceled], Transition),
        new([Running], [Completed, Failed, Canceled], Transition),
        new([Failed], [Running], Transition));

    /// <summary>Whether the flow takes no more executions.</summary>
    public static bool IsFinished(FlowExecution flow) => flow.Status is Completed or Failed or Canceled;

    /// <exception cref="Fault">FLOW_EXECUTION_FINISHED.</exception>
    public static void RequireOpen(FlowExecution flow)
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
        $"The flow execution '{flow.Id}' is in {StatusNames<FlowExecutionStatus>.Of(flow.Status)} and takes no more executions. Move a FAILED one back to FLOW_EXECUTION_STATUS_RUNNING, or create a new one.");

    /// <exception cref="Fault">INVALID_TRANSITION, with what a Transition would accept now.</exception>
    public static void Require(FlowExecution flow, FlowExecutionStatus to)
    {
        var targets = Machine.Targets(flow.Status, Transition);
        if (!targets.Contains(to))
        {
            throw InvalidTransition.Of(flow, flow.Status, to, targets);
        }
    }
}
