namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>The columns by which lists sort and filter agent tasks.</summary>
internal sealed class AgentTaskRow : ResourceRow
{
    public required string TaskType { get; init; }

    public int SourceType { get; init; }

    public string? SourceRefId { get; init; }

    public string? EntityType { get; init; }

    public string? EntityId { get; init; }

    public required string Title { get; init; }

    public int Priority { get; init; }

    public int? BlockedFrom { get; init; }

    public string? AssignedAgentRole { get; init; }

    public int ExecutionMode { get; init; }

    public int ApprovalPolicy { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public DateTimeOffset? FailedAt { get; init; }

    public bool WorkspaceVisible { get; init; }

    public string? CreatedByUserId { get; init; }

    public required string WorkspaceId { get; init; }

    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The metadata as JSON text; null if there is none.</summary>
    public string? Metadata { get; init; }

    public string? ExternalKey { get; init; }

    /// <summary>Who may claim it: NULL for nobody now, '' for everybody, else the one USER. The index of ready rows.</summary>
    public string? ReadyFor { get; init; }

    public string? LeaseHolderId { get; init; }

    public string? LeaseWorker { get; init; }

    public int ClaimCount { get; init; }

    public int ExpiredLeases { get; init; }

    public string? Traceparent { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public bool Overdue { get; init; }

    public DateTimeOffset? ApprovalExpiresAt { get; init; }

    public int RequiredApprovals { get; init; }
}
