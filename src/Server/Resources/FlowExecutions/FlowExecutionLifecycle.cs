using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;
using static TaskGrpc.V1.FlowExecutionStatus;

namespace TaskGrpc.Server.Resources.FlowExecutions;

/// <summary>The lifecycle of flow executions. Only the orchestrator moves it; it never follows from the task executions.</summary>
internal static class FlowExecutionLifecycle
{
    public const string Transition = nameof(Transition);

    public static StateMachine<FlowExecutionStatus> Machine { get; } = new(
        Queued,
        new([Queued], [Running, Failed, Canceled], Transition),
        new([Running], [Completed, Failed, Canceled], Transition),
        new([Failed], [Running], Transition));

    /// <exception cref="Fault">INVALID_TRANSITION.</exception>
    public static void Require(FlowExecution flow, FlowExecutionStatus to)
    {
        var targets = Machine.Targets(flow.Status, Transition);
        if (!targets.Contains(to))
        {
            throw InvalidTransition.Of(flow, flow.Status, to, targets);
        }
    }
}
