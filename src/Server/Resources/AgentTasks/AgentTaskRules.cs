using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.Requests;
using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>What the verbs of agent tasks check and change.</summary>
internal sealed class AgentTaskRules : ResourceRules<AgentTask>
{
    private const int DefaultPriority = 100;

    public override void CheckSent(AgentTask sent, string path, Violations violations) =>
        CheckInitial(sent.Status, AgentTaskLifecycle.Machine.Initial, path, violations);

    public override void ApplyDefaults(AgentTask resource)
    {
        resource.Priority = resource.HasPriority ? resource.Priority : DefaultPriority;
        resource.WorkspaceVisible = !resource.HasWorkspaceVisible || resource.WorkspaceVisible;
        resource.ExecutionMode = resource.ExecutionMode == ExecutionMode.Unspecified ? ExecutionMode.Agentic : resource.ExecutionMode;
        resource.ApprovalPolicy = resource.ApprovalPolicy == ApprovalPolicy.Unspecified ? ApprovalPolicy.DraftForReview : resource.ApprovalPolicy;
    }

    public override void Begin(AgentTask resource, Caller caller, string path, Violations violations)
    {
        resource.Status = AgentTaskLifecycle.Machine.Initial;
        resource.WorkspaceId = resource.WorkspaceId.Length > 0 ? resource.WorkspaceId : caller.OrganizationId;
        if (!caller.IsUser)
        {
            return;
        }

        if (resource.HasCreatedByUserId && resource.CreatedByUserId != caller.Actor.Id)
        {
            violations.Add(path + "created_by_user_id", "must be your own id, or absent: a USER creates tasks in its own name");
        }

        resource.CreatedByUserId = caller.Actor.Id;
    }

    public override void Update(AgentTask before, AgentTask after, Caller caller)
    {
        if (after.ExecutionMode != before.ExecutionMode && before.Status != Queued)
        {
            throw Locked(before, "execution_mode", "while QUEUED");
        }

        if (after.ApprovalPolicy != before.ApprovalPolicy)
        {
            RequirePolicyOpen(before, after.ApprovalPolicy, caller);
        }

        // A pending request stays, for it holds nothing: the new etag keeps anybody from deciding on what he has not seen, and
        // requested_by must go on telling who may not decide.
        if (before.Status != AwaitingApproval && ChangesWhatWasShown(before, after))
        {
            after.Approval = null;
        }
    }

    public static void CheckTransition(TransitionAgentTaskRequest request, Violations violations)
    {
        if (request.Status == Failed && !VisibleText.IsIn(request.Error))
        {
            violations.Add("error", "is required with AGENT_TASK_STATUS_FAILED: say what went wrong");
        }
        else if (request.Status != Failed && request.HasError)
        {
            violations.Add("error", "goes with AGENT_TASK_STATUS_FAILED only");
        }
    }

    public static void Transition(AgentTask task, TransitionAgentTaskRequest request, Caller caller, Timestamp at)
    {
        AgentTaskLifecycle.Require(task, request.Status, AgentTaskLifecycle.Transition);
        if (request.Status == Executing && !AgentTaskLifecycle.MayExecute(task))
        {
            throw Fault.Precondition(ErrorReason.ApprovalRequired, $"AgentTask/{task.Id}", "The task's policy asks for an approval that holds, and there is none. Move the task to AGENT_TASK_STATUS_AWAITING_APPROVAL and have it approved.");
        }

        Enter(task, request.Status, caller, at);
        if (request.Status == Failed)
        {
            task.LastError = request.Error;
        }
    }

    public static void Approve(AgentTask task, ApproveAgentTaskRequest request, Caller caller, Timestamp at)
    {
        RequirePending(task);
        AgentTaskApproval.RequireApprover(task, caller);
        AgentTaskLifecycle.Require(task, Executing, AgentTaskLifecycle.Approve);
        Decide(task, ApprovalDecision.Approved, request.Comment, caller, at);
        Enter(task, Executing, caller, at);
    }

    public static void Reject(AgentTask task, RejectAgentTaskRequest request, Caller caller, Timestamp at)
    {
        RequirePending(task);
        AgentTaskApproval.RequireApprover(task, caller);
        var to = request.To != Unspecified ? request.To : task.ExecutionMode == ExecutionMode.Deterministic ? Queued : Planning;
        AgentTaskLifecycle.Require(task, to, AgentTaskLifecycle.Reject);
        Decide(task, ApprovalDecision.Rejected, request.Comment, caller, at);
        Enter(task, to, caller, at);
    }

    public static void Delete(AgentTask task, Timestamp at) => task.DeletedAt = at;

    /// <summary>Moves the task and draws the move's consequences.</summary>
    private static void Enter(AgentTask task, AgentTaskStatus to, Caller caller, Timestamp at)
    {
        var from = task.Status;
        task.Status = to;
        task.ClearBlockedFrom();
        switch (to)
        {
            case Queued when from == Failed:
                (task.StartedAt, task.FailedAt, task.Approval) = (null, null, null);
                break;
            case AwaitingApproval:
                task.Approval = new Approval { RequestedAt = at, RequestedBy = caller.Actor };
                break;
            case Executing:
                task.StartedAt ??= at;
                break;
            case Blocked:
                task.BlockedFrom = from;
                break;
            case Completed:
                task.CompletedAt = at;
                task.ClearLastError();
                break;
            case Failed:
                task.FailedAt = at;
                break;
        }
    }

    private static void Decide(AgentTask task, ApprovalDecision decision, string comment, Caller caller, Timestamp at)
    {
        task.Approval.Decision = decision;
        task.Approval.DecidedAt = at;
        task.Approval.DecidedBy = caller.Actor;
        if (comment.Length > 0)
        {
            task.Approval.Comment = comment;
        }
    }

    private static void RequirePending(AgentTask task)
    {
        if (task.Status != AwaitingApproval)
        {
            throw Fault.Precondition(ErrorReason.NoApprovalPending, $"AgentTask/{task.Id}", $"The task is in {StatusNames<AgentTaskStatus>.Of(task.Status)} and awaits no decision. Decide only on tasks in AGENT_TASK_STATUS_AWAITING_APPROVAL.");
        }
    }

    private static void RequirePolicyOpen(AgentTask before, ApprovalPolicy to, Caller caller)
    {
        if (before.Status is not (Queued or Planning))
        {
            throw Locked(before, "approval_policy", "in QUEUED and PLANNING");
        }

        if (AgentTaskApproval.IsLooser(to, before.ApprovalPolicy) && !caller.IsUser)
        {
            throw AgentTaskApproval.NotAllowed(before, "Only a USER with the scope tasks:approve may loosen a task's approval policy.");
        }
    }

    private static bool ChangesWhatWasShown(AgentTask before, AgentTask after) =>
        before.Title != after.Title
        || before.TaskType != after.TaskType
        || !FieldDiff.Same(AgentTask.Descriptor.FindFieldByNumber(AgentTask.DescriptionFieldNumber), before, after)
        || !FieldDiff.Same(AgentTask.Descriptor.FindFieldByNumber(AgentTask.EntityTypeFieldNumber), before, after)
        || !FieldDiff.Same(AgentTask.Descriptor.FindFieldByNumber(AgentTask.EntityIdFieldNumber), before, after)
        || !Equals(before.Metadata, after.Metadata);

    private static Fault Locked(AgentTask task, string field, string when) =>
        Fault.Precondition(ErrorReason.FieldLocked, $"AgentTask/{task.Id}/{field}", $"{field} can be changed {when} only, and the task is in {StatusNames<AgentTaskStatus>.Of(task.Status)}. Move it there first.");
}
