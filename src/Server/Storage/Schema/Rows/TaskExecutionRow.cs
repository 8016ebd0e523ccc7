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
}
