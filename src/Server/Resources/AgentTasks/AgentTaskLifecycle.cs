using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>The lifecycle of agent tasks: the table, and how a task's mode and approval narrow it.</summary>
internal static class AgentTaskLifecycle
{
    public const string Transition = nameof(Transition);
    public const string Approve = nameof(Approve);
    public const string Reject = nameof(Reject);

    /// <summary>The end of the time for an approval.</summary>
    public const string ApprovalExpiry = nameof(ApprovalExpiry);

    public static StateMachine<AgentTaskStatus> Machine { get; } = new(
        Queued,
        new([Queued], [Planning, AwaitingApproval, Executing, Blocked, Failed, Canceled], Transition),
        new([Planning], [Queued, AwaitingApproval, Executing, Blocked, Failed, Canceled], Transition),
        new([AwaitingApproval], [Executing], Approve),
        new([AwaitingApproval], [Queued, Planning, Canceled], Reject),
        new([AwaitingApproval], [Queued, Planning], ApprovalExpiry),
        new([AwaitingApproval], [Queued, Planning, Canceled], Transition),
        new([Executing], [AwaitingApproval, Blocked, Completed, Failed, Canceled], Transition),
        // To EXECUTING only if the task was blocked in EXECUTING.
        new([Blocked], [Queued, Planning, Executing, Failed, Canceled], Transition),
        new([Failed], [Queued], Transition),
        new([Queued], [Planning, Executing], WorkVerbs.ClaimNext),
        new([Planning, Executing], [Blocked, Canceled], WorkVerbs.Expiry),
        new([Planning, Executing], [Canceled], WorkVerbs.Release),
        new([Queued, Planning, AwaitingApproval, Executing, Blocked], [Canceled], WorkVerbs.RequestCancel));

    /// <exception cref="Fault">INVALID_TRANSITION: the table or the task's mode does not allow the move.</exception>
    public static void Require(AgentTask task, AgentTaskStatus to, string verb)
    {
        if (!Machine.Targets(task.Status, verb).Contains(to) || !IsOpen(task, to))
        {
            var allowed = Machine.Targets(task.Status, Transition)
                .Where(target => IsOpen(task, target) && (target != Executing || MayExecute(task)));
            throw InvalidTransition.Of(task, task.Status, to, allowed);
        }
    }

    /// <summary>Whether the task's policy lets it enter EXECUTING now.</summary>
    public static bool MayExecute(AgentTask task) =>
        task.ApprovalPolicy == ApprovalPolicy.AutoExecute || task.Approval is { HasDecision: true, Decision: ApprovalDecision.Approved };

    private static bool IsOpen(AgentTask task, AgentTaskStatus to) =>
        (task.Status != Blocked || to != Executing || task.BlockedFrom == Executing)
        && task.ExecutionMode switch
        {
            ExecutionMode.Deterministic => to != Planning,
            ExecutionMode.Agentic when to == AwaitingApproval => task.Status is Planning or Executing,
            ExecutionMode.Agentic when to == Executing => task.Status is Planning or AwaitingApproval or Blocked,
            _ => true,
        };
}
