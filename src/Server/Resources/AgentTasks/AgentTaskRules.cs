using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>What Create and Update check and change on agent tasks.</summary>
internal sealed class AgentTaskRules : ResourceRules<AgentTask>
{
    private const int DefaultPriority = 100;

    private static readonly Duration ShortestTimeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(1));
    private static readonly Duration LongestTimeout = Duration.FromTimeSpan(TimeSpan.FromDays(90));

    public override void CheckSent(AgentTask sent, string path, Violations violations) =>
        CheckInitial(sent.Status, AgentTaskLifecycle.Machine.Initial, path, violations);

    public override void ApplyDefaults(AgentTask resource)
    {
        resource.Priority = resource.HasPriority ? resource.Priority : DefaultPriority;
        resource.WorkspaceVisible = !resource.HasWorkspaceVisible || resource.WorkspaceVisible;
        resource.ExecutionMode = resource.ExecutionMode == ExecutionMode.Unspecified ? ExecutionMode.Agentic : resource.ExecutionMode;
        resource.ApprovalPolicy = resource.ApprovalPolicy == ApprovalPolicy.Unspecified
            ? ApprovalPolicy.DraftForReview : resource.ApprovalPolicy;
        resource.RequiredApprovals = AgentTaskApproval.Required(resource);
    }

    public override void CheckValues(AgentTask resource, string path, Violations violations, Func<string, bool> isSet)
    {
        if (isSet("required_approvals") && AgentTaskApproval.Required(resource) is < 1 or > AgentTaskApproval.MostRequired)
        {
            violations.Add(path + "required_approvals", $"must be between 1 and {AgentTaskApproval.MostRequired}");
        }

        if (isSet("approval_timeout") && resource.ApprovalTimeout is { } timeout && TimeCheck.IsSound(timeout)
            && (timeout.CompareTo(ShortestTimeout) < 0 || timeout.CompareTo(LongestTimeout) > 0))
        {
            violations.Add(path + "approval_timeout", "must be between 60s (1 minute) and 7776000s (90 days)");
        }
    }

    public override void Create(AgentTask resource, Caller caller, string path, Violations violations)
    {
        resource.Status = AgentTaskLifecycle.Machine.Initial;
        resource.WorkspaceId = resource.WorkspaceId.Length > 0 ? resource.WorkspaceId : caller.OrganizationId;
        if (!caller.IsUser)
        {
            return;
        }

        if (resource.HasCreatedByUserId && resource.CreatedByUserId != caller.Actor.Id)
        {
            violations.Add(path + "created_by_user_id", "must be absent or your own id; a USER cannot create a task for another user");
        }

        resource.CreatedByUserId = caller.Actor.Id;
    }

    public override void Begin(AgentTask resource, Timestamp at)
    {
        resource.NotBefore = TimeCheck.StillAhead(resource.NotBefore, at);
        AgentTaskTimes.SetOverdue(resource, at);
    }

    public override void Update(AgentTask before, AgentTask after, Caller caller, Timestamp at)
    {
        if (!before.HasRequiredApprovals && AgentTaskApproval.Required(after) == 1)
        {
            // A task of an older release stays as it is: an update that changes nothing takes no revision.
            after.ClearRequiredApprovals();
        }

        RequireOpen(before, after);
        RequireLoosening(before, after, caller);
        after.NotBefore = TimeCheck.StillAhead(after.NotBefore, at);
        if (!Equals(after.DueAt, before.DueAt))
        {
            AgentTaskTimes.SetOverdue(after, at);
        }

        if (ChangesWhatWasShown(before, after))
        {
            ClearApproval(after);
        }
    }

    /// <summary>What was shown has changed, so what was approved no longer stands.</summary>
    private static void ClearApproval(AgentTask after)
    {
        if (after.Status == AwaitingApproval)
        {
            // Keep a pending request: the new etag refuses a decision on the old content, and requested_by still says who may not decide.
            after.Approval.Votes.Clear();
        }
        else if (!AgentTaskApproval.IsExpired(after))
        {
            // An expired one approves nothing, and only a move clears it.
            after.Approval = null;
        }
    }

    /// <exception cref="Fault">FIELD_LOCKED.</exception>
    private static void RequireOpen(AgentTask before, AgentTask after)
    {
        if (after.ExecutionMode != before.ExecutionMode && before.Status != Queued)
        {
            throw Locked(before, "execution_mode", "QUEUED");
        }

        if (before.Status is Queued or Planning)
        {
            return;
        }

        var changed = after.ApprovalPolicy != before.ApprovalPolicy ? "approval_policy"
            : AgentTaskApproval.Required(after) != AgentTaskApproval.Required(before) ? "required_approvals"
            : !Equals(after.ApprovalTimeout, before.ApprovalTimeout) ? "approval_timeout" : null;
        if (changed is not null)
        {
            throw Locked(before, changed, "QUEUED or PLANNING");
        }
    }

    /// <exception cref="Fault">APPROVER_NOT_ALLOWED.</exception>
    private static void RequireLoosening(AgentTask before, AgentTask after, Caller caller)
    {
        if (AgentTaskApproval.IsLooser(after.ApprovalPolicy, before.ApprovalPolicy))
        {
            AgentTaskApproval.RequireLoosening(before, caller, "loosen a task's approval policy");
        }

        if (AgentTaskApproval.Required(after) < AgentTaskApproval.Required(before))
        {
            AgentTaskApproval.RequireLoosening(before, caller, "lower a task's required_approvals");
        }
    }

    private static bool ChangesWhatWasShown(AgentTask before, AgentTask after) =>
        before.Title != after.Title
        || before.TaskType != after.TaskType
        || !FieldDiff.Same(AgentTask.Descriptor.FindFieldByNumber(AgentTask.DescriptionFieldNumber), before, after)
        || !FieldDiff.Same(AgentTask.Descriptor.FindFieldByNumber(AgentTask.EntityTypeFieldNumber), before, after)
        || !FieldDiff.Same(AgentTask.Descriptor.FindFieldByNumber(AgentTask.EntityIdFieldNumber), before, after)
        || !Equals(before.Metadata, after.Metadata);

    private static Fault Locked(AgentTask task, string field, string unlocked) => Fault.Precondition(
        ErrorReason.FieldLocked,
        $"AgentTask/{task.Id}/{field}",
        $"{field} cannot change in {EnumNames<AgentTaskStatus>.Of(task.Status)}. Move the task to {unlocked} first.");
}
