using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>Who may approve or reject an agent task. Only the caller's identity counts, never a field of the request.</summary>
internal static class AgentTaskApproval
{
    /// <summary>The most approvals that a task can require.</summary>
    public const int MostRequired = 5;

    private static readonly ApprovalPolicy[] StrictToLoose =
        [ApprovalPolicy.Restricted, ApprovalPolicy.DraftForReview, ApprovalPolicy.AgentReview, ApprovalPolicy.AutoExecute];

    public static bool IsLooser(ApprovalPolicy policy, ApprovalPolicy than) =>
        Array.IndexOf(StrictToLoose, policy) > Array.IndexOf(StrictToLoose, than);

    /// <summary>How many persons must approve. Tasks of older releases do not say it, and need one.</summary>
    public static int Required(AgentTask task) => task.HasRequiredApprovals ? task.RequiredApprovals : 1;

    /// <summary>Whether nobody decided in time, and no USER or SERVICE has moved the task since.</summary>
    public static bool IsExpired(AgentTask task) => task.Approval is { HasDecision: true, Decision: ApprovalDecision.Expired };

    /// <summary>
    /// A request for approval. If the one before expired and an AGENT asks again, it keeps when that was decided and by whom: until
    /// somebody else has moved the task, a withdrawal leaves it as unready as before.
    /// </summary>
    public static Approval Ask(AgentTask task, Caller caller, Timestamp at)
    {
        var expired = caller.Actor.Type == ActorType.Agent && (IsExpired(task) || IsAskedAgain(task)) ? task.Approval : null;
        return new Approval
        {
            RequestedAt = at,
            RequestedBy = caller.Actor,
            ExpiresAt = task.ApprovalTimeout is { } timeout ? Moment.Cut(at + timeout) : null,
            DecidedAt = expired?.DecidedAt,
            DecidedBy = expired?.DecidedBy,
        };
    }

    /// <summary>What a Transition does to an expired approval: a USER or SERVICE clears it, and an AGENT's move leaves it.</summary>
    public static void Settle(AgentTask task, Caller caller)
    {
        if (caller.Actor.Type != ActorType.Agent && (IsExpired(task) || IsAskedAgain(task)))
        {
            // Somebody has looked at the task: workers may claim it again.
            task.Approval = null;
        }
        else if (IsAskedAgain(task) && task.Status != AgentTaskStatus.AwaitingApproval)
        {
            task.Approval.Decision = ApprovalDecision.Expired;
        }
    }

    /// <summary>Whether an AGENT has asked again after a request expired, and nobody has decided.</summary>
    private static bool IsAskedAgain(AgentTask task) => task.Approval is { HasDecision: false, DecidedAt: not null };

    /// <exception cref="Fault">APPROVER_NOT_ALLOWED.</exception>
    public static void RequireApprover(AgentTask task, Caller caller)
    {
        var asked = caller.Actor.Equals(task.Approval?.RequestedBy);
        var (allowed, advice) = task.ApprovalPolicy switch
        {
            ApprovalPolicy.Restricted => (
                caller.IsUser && !asked && !(task.HasCreatedByUserId && task.CreatedByUserId == caller.Actor.Id),
                "The policy RESTRICTED needs a USER who neither created the task nor requested the approval."),
            ApprovalPolicy.AgentReview => (
                caller.Actor.Type is ActorType.User or ActorType.Agent && !asked,
                "The policy AGENT_REVIEW needs a USER or an AGENT other than the one who requested the approval."),
            _ => (caller.IsUser, "A USER must decide."),
        };
        if (!allowed)
        {
            throw NotAllowed(task, advice);
        }
    }

    /// <summary>Refuses callers that may not make approval easier to get.</summary>
    /// <exception cref="Fault">APPROVER_NOT_ALLOWED.</exception>
    public static void RequireLoosening(AgentTask task, Caller caller, string loosening)
    {
        if (!caller.IsUser || !caller.MayApprove)
        {
            throw NotAllowed(task, $"Only a USER with the scope tasks:approve may {loosening}.");
        }
    }

    private static Fault NotAllowed(AgentTask task, string advice) =>
        new(ErrorReason.ApproverNotAllowed, $"You may not change the approval of the task '{task.Id}'. {advice}");
}
