namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>The columns by which lists sort and filter task executions, and those of the key, which stays unique for ever.</summary>
internal sealed class TaskExecutionRow : ResourceRow
{
    public Guid FlowExecutionId { get; init; }

    public required string TaskName { get; init; }

    public int TaskExecutionIndex { get; init; }

    public required string LastModifiedBy { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Who may claim it: NULL for nobody now, '' for everybody, else the one USER. The index of ready rows.</summary>
    public string? ReadyFor { get; init; }

    public string? LeaseHolderId { get; init; }

    public string? LeaseWorker { get; init; }

    public int ClaimCount { get; init; }

    public int ExpiredLeases { get; init; }

    public string? Traceparent { get; init; }
}
