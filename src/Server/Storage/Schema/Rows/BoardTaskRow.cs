namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>The columns by which lists sort and filter board tasks.</summary>
internal sealed class BoardTaskRow : ResourceRow
{
    public required string Title { get; init; }

    public int Priority { get; init; }

    public string? CreatedBy { get; init; }

    public int SubtaskCount { get; init; }

    public string? AssignedToTypeId { get; init; }

    public string? AssignedToInstanceId { get; init; }

    public string? AssignedToUserId { get; init; }

    public string? CorrelationBucketId { get; init; }

    public int Source { get; init; }

    public DateTimeOffset? DeletedAt { get; init; }

    public string? ExternalKey { get; init; }

    /// <summary>Who may claim it: NULL for nobody now, '' for everybody, else the one USER. The index of ready rows.</summary>
    public string? ReadyFor { get; init; }

    public string? LeaseHolderId { get; init; }

    public string? LeaseWorker { get; init; }

    public int ClaimCount { get; init; }

    public int ExpiredLeases { get; init; }

    public string? Traceparent { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public int OpenBlockers { get; init; }
}
