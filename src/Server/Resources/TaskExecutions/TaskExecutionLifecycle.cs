using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.V1;
using static TaskGrpc.V1.TaskExecutionStatus;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>The lifecycle of task executions. Retry creates a new execution and does not change the old one.</summary>
internal static class TaskExecutionLifecycle
{
    public const string Transition = nameof(Transition);
    public const string Delete = nameof(Delete);

    public static StateMachine<TaskExecutionStatus> Machine { get; } = new(
        Queued,
        new([Queued], [Running, Canceled], Transition),
        new([Running], [Completed, Failed, Canceled], Transition),
        new([Completed, Failed], [Stale], Transition),
        new([Queued, Running, Completed, Failed, Canceled, Stale], [Deleted], Delete),
        new([Queued], [Running], WorkVerbs.ClaimNext),
        new([Running], [Queued], WorkVerbs.Release),
        new([Running], [Failed], WorkVerbs.Expiry));

    /// <exception cref="Fault">INVALID_TRANSITION.</exception>
    public static void Require(TaskExecution execution, TaskExecutionStatus to, bool isFlowFinished)
    {
        if (!Machine.Targets(execution.Status, Transition).Contains(to))
        {
            throw InvalidTransition.Of(execution, execution.Status, to, Allowed(execution, isFlowFinished));
        }
    }

    /// <summary>The statuses that a Transition accepts now.</summary>
    public static IEnumerable<TaskExecutionStatus> Allowed(TaskExecution execution, bool isFlowFinished) =>
        Machine.Targets(execution.Status, Transition).Where(target => target != Running || !isFlowFinished);

    /// <summary>Whether another attempt may follow the execution.</summary>
    public static bool IsRetryable(TaskExecution execution) => execution.Status is Failed or Canceled or Stale;
}
