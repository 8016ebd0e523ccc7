namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>A task execution's columns: what lists sort by and filters look into, and the key that is unique for ever.</summary>
internal sealed class TaskExecutionRow : ResourceRow
{
    public Guid FlowExecutionId { get; init; }

    public required string TaskName { get; init; }

    public int TaskExecutionIndex { get; init; }

    public required string LastModifiedBy { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}
