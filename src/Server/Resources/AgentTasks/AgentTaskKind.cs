using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>Agent tasks as the ledger stores and lists them.</summary>
internal sealed class AgentTaskKind(WorkOptions work) : KindDefinition<AgentTask>(ResourceKind.AgentTask, Tables.AgentTasks)
{
    /// <summary>The kind with the default options.</summary>
    public AgentTaskKind()
        : this(new WorkOptions())
    {
    }

    public override Columns<AgentTask> Columns { get; } = new Columns<AgentTask>()
        .Id("id", task => task.Id)
        .Text("organization_id", task => task.OrganizationId)
        .Moment("created_at", task => task.CreatedAt, sort: true)
        .Moment("updated_at", task => task.UpdatedAt, sort: true)
        .OptionalMoment("deleted_at", task => task.DeletedAt)
        .Text("task_type", task => task.TaskType, group: true)
        .Enum("source_type", task => task.SourceType)
        .Text("source_ref_id", task => task.HasSourceRefId ? task.SourceRefId : null)
        .Text("entity_type", task => task.HasEntityType ? task.EntityType : null)
        .Text("entity_id", task => task.HasEntityId ? task.EntityId : null)
        .Text("title", task => task.Title, sort: true)
        .Number("priority", task => task.Priority, sort: true)
        .Enum("status", task => task.Status, sort: true)
        .OptionalEnum<AgentTaskStatus>("blocked_from", task => task.HasBlockedFrom ? task.BlockedFrom : null)
        .Text("assigned_agent_role", task => task.HasAssignedAgentRole ? task.AssignedAgentRole : null, group: true)
        .Enum("execution_mode", task => task.ExecutionMode)
        .Enum("approval_policy", task => task.ApprovalPolicy)
        .OptionalMoment("due_at", task => task.DueAt, sort: true)
        .OptionalMoment("started_at", task => task.StartedAt)
        .OptionalMoment("completed_at", task => task.CompletedAt)
        .OptionalMoment("failed_at", task => task.FailedAt)
        .Flag("workspace_visible", task => task.WorkspaceVisible)
        .Text("created_by_user_id", task => task.HasCreatedByUserId ? task.CreatedByUserId : null)
        .TextOrOrganization("workspace_id", task => task.WorkspaceId)
        .Json("metadata", task => task.Metadata)
        .Text("external_key", task => task.HasExternalKey ? task.ExternalKey : null)
        .Claims(task => AgentTaskReadiness.ReadyFor(task, work.ExpiredLeases))
        .OptionalMoment("not_before", task => task.NotBefore)
        .Flag("overdue", task => task.Overdue)
        .OptionalMoment("approval.expires_at", task => task.Approval?.ExpiresAt)
        .Number("required_approvals", task => AgentTaskApproval.Required(task));

    public override IReadOnlyList<DurableTime> Times => AgentTaskTimes.All;

    protected override bool IsTerminal(AgentTask resource) => AgentTaskTimes.IsFinished(resource);

    protected override bool IsDeleted(AgentTask resource) => resource.DeletedAt is not null;
}
