using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>When an agent task can be claimed.</summary>
internal static class AgentTaskReadiness
{
    /// <summary>Who may claim the task now: null for nobody, empty for everybody.</summary>
    /// <param name="task">The task.</param>
    /// <param name="mostExpired">How many of its leases may expire.</param>
    public static string? ReadyFor(AgentTask task, int mostExpired) =>
        task is { DeletedAt: null, Lease: null, CancelRequested: null, NotBefore: null } && task.ExpiredLeases < mostExpired
            && !AgentTaskApproval.IsExpired(task) && IsOpen(task)
        ? "" : null;

    private static bool IsOpen(AgentTask task) => task.Status switch
    {
        Queued => task.ExecutionMode != ExecutionMode.Deterministic || AgentTaskLifecycle.MayExecute(task),
        Planning => IsHandedOver(task),
        Executing => IsHandedOver(task) && AgentTaskLifecycle.MayExecute(task),
        _ => false,
    };

    /// <summary>False for a task that only a Transition has brought to work: the caller of that Transition works on it.</summary>
    private static bool IsHandedOver(AgentTask task) =>
        task.ClaimCount > 0
        || task.Approval is { HasDecision: true, Decision: ApprovalDecision.Approved or ApprovalDecision.Rejected };
}
