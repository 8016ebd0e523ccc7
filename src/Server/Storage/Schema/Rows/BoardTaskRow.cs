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
}
