using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>Agent tasks as the ledger stores and lists them.</summary>
internal sealed class AgentTaskKind() : KindDefinition<AgentTask, AgentTaskRow>(ResourceKind.AgentTask)
{
    public override IReadOnlyList<SortField<AgentTaskRow>> SortFields { get; } =
    [
        SortField<AgentTaskRow>.Of("created_at", row => row.CreatedAt),
        SortField<AgentTaskRow>.Of("updated_at", row => row.UpdatedAt),
        SortField<AgentTaskRow>.Of("priority", row => row.Priority),
        SortField<AgentTaskRow>.Of("due_at", row => row.DueAt),
        SortField<AgentTaskRow>.Of("title", row => row.Title),
        SortField<AgentTaskRow>.Of("status", row => row.Status),
    ];

    public override FilterFields<AgentTaskRow> FilterFields { get; } = new FilterFields<AgentTaskRow>()
        .Id("id", row => row.Id)
        .Text("organization_id", row => row.OrganizationId)
        .Moment("created_at", row => row.CreatedAt)
        .Moment("updated_at", row => row.UpdatedAt)
        .Moment("deleted_at", row => row.DeletedAt)
        .Text("task_type", row => row.TaskType)
        .Enum<SourceType>("source_type", row => row.SourceType)
        .Text("source_ref_id", row => row.SourceRefId)
        .Text("entity_type", row => row.EntityType)
        .Text("entity_id", row => row.EntityId)
        .Text("title", row => row.Title)
        .Number("priority", row => row.Priority)
        .Enum<AgentTaskStatus>("status", row => row.Status)
        .Enum<AgentTaskStatus>("blocked_from", row => row.BlockedFrom)
        .Text("assigned_agent_role", row => row.AssignedAgentRole)
        .Enum<ExecutionMode>("execution_mode", row => row.ExecutionMode)
        .Enum<ApprovalPolicy>("approval_policy", row => row.ApprovalPolicy)
        .Moment("due_at", row => row.DueAt)
        .Moment("started_at", row => row.StartedAt)
        .Moment("completed_at", row => row.CompletedAt)
        .Moment("failed_at", row => row.FailedAt)
        .Flag("workspace_visible", row => row.WorkspaceVisible)
        .Text("created_by_user_id", row => row.CreatedByUserId)
        .TextOrOrganization("workspace_id", row => row.WorkspaceId, row => row.OrganizationId)
        .Json("metadata", row => row.Metadata);

    protected override bool IsTerminal(AgentTask resource) => resource.Status is AgentTaskStatus.Completed or AgentTaskStatus.Failed or AgentTaskStatus.Canceled;

    protected override bool IsDeleted(AgentTask resource) => resource.DeletedAt is not null;

    protected override ResourceRow OwnColumns(AgentTask resource) => new AgentTaskRow
    {
        TaskType = resource.TaskType,
        SourceType = (int)resource.SourceType,
        SourceRefId = resource.HasSourceRefId ? resource.SourceRefId : null,
        EntityType = resource.HasEntityType ? resource.EntityType : null,
        EntityId = resource.HasEntityId ? resource.EntityId : null,
        Title = resource.Title,
        Priority = resource.Priority,
        BlockedFrom = resource.HasBlockedFrom ? (int)resource.BlockedFrom : null,
        AssignedAgentRole = resource.HasAssignedAgentRole ? resource.AssignedAgentRole : null,
        ExecutionMode = (int)resource.ExecutionMode,
        ApprovalPolicy = (int)resource.ApprovalPolicy,
        DueAt = Moment.ToColumn(resource.DueAt),
        StartedAt = Moment.ToColumn(resource.StartedAt),
        CompletedAt = Moment.ToColumn(resource.CompletedAt),
        FailedAt = Moment.ToColumn(resource.FailedAt),
        WorkspaceVisible = resource.WorkspaceVisible,
        CreatedByUserId = resource.HasCreatedByUserId ? resource.CreatedByUserId : null,
        WorkspaceId = resource.WorkspaceId,
        DeletedAt = Moment.ToColumn(resource.DeletedAt),
        Metadata = JsonText.Of(resource.Metadata),
    };
}
