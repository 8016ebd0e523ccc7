namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>The columns by which lists sort and filter flow executions.</summary>
internal sealed class FlowExecutionRow : ResourceRow
{
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required string WorkflowId { get; init; }

    public string? ExternalKey { get; init; }
}
