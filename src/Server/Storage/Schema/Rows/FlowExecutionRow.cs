namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>A flow execution's columns: what lists sort by and filters look into.</summary>
internal sealed class FlowExecutionRow : ResourceRow
{
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required string WorkflowId { get; init; }

    public string? ExternalKey { get; init; }
}
