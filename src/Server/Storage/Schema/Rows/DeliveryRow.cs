namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>The columns by which lists sort and filter deliveries.</summary>
internal sealed class DeliveryRow : ResourceRow
{
    /// <summary>
    /// The condition of the index of open deliveries, and of each statement that uses it: PENDING, DELIVERING or RETRYING.
    /// </summary>
    public const string IsOpen = "status IN (1, 2, 4)";

    public Guid TaskId { get; init; }

    public required string TriggerKey { get; init; }

    public int TargetType { get; init; }

    public string? TargetEndpoint { get; init; }

    public string? TargetChannel { get; init; }

    public string? TargetWorkflowId { get; init; }

    public int AttemptCount { get; init; }

    public DateTimeOffset? NextAttemptAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    public Guid? FlowExecutionId { get; init; }
}
