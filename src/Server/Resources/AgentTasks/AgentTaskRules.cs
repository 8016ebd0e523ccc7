using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>What Create and Update check and change on agent tasks.</summary>
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
        resource.ApprovalPolicy = resource.ApprovalPolicy == ApprovalPolicy.Unspecified
            ? ApprovalPolicy.DraftForReview : resource.ApprovalPolicy;
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

    public override void Update(AgentTask before, AgentTask after, Caller caller, Timestamp at)
    {
        if (after.ExecutionMode != before.ExecutionMode && before.Status != Queued)
        {
            throw Locked(before, "execution_mode", "QUEUED");
        }

        if (after.ApprovalPolicy != before.ApprovalPolicy)
        {
            RequirePolicyOpen(before, after.ApprovalPolicy, caller);
        }

        // Keep a pending request: it approves nothing yet, the new etag refuses a decision on the old content, and requested_by
        // still says who may not decide.
        if (before.Status != AwaitingApproval && ChangesWhatWasShown(before, after))
        {
            after.Approval = null;
        }
    }

    private static void RequirePolicyOpen(AgentTask before, ApprovalPolicy to, Caller caller)
    {
        if (before.Status is not (Queued or Planning))
        {
            throw Locked(before, "approval_policy", "QUEUED or PLANNING");
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

    private static Fault Locked(AgentTask task, string field, string unlocked) => Fault.Precondition(
        ErrorReason.FieldLocked,
        $"AgentTask/{task.Id}/{field}",
        $"{field} cannot change in {EnumNames<AgentTaskStatus>.Of(task.Status)}. Move the task to {unlocked} first.");
}
