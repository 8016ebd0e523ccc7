using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage.Rows;
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

    protected override bool IsDeleted(AgentTask resource) => resource.DeletedAt is not null;

    protected override ResourceRow ToRow(AgentTask resource) => new AgentTaskRow
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
    };
}
