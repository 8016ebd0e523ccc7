
namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>The columns by which lists sort and filter monitor tasks.</summary>
internal sealed class MonitorTaskRow : ResourceRow
{
    public DateTimeOffset? LastTriggeredAt { get; init; }

    public required string Intent { get; init; }

    public required string ConceptId { get; init; }

    public required string ConceptVersion { get; init; }

    public required string ConditionId { get; init; }

    public required string ConditionVersion { get; init; }

    public required string ActionId { get; init; }

    public required string ActionVersion { get; init; }

    public required string EntityScope { get; init; }

    public int DeliveryType { get; init; }

    public string? DeliveryEndpoint { get; init; }

    public string? DeliveryChannel { get; init; }

    public string? DeliveryWorkflowId { get; init; }

    public string? ContextVersion { get; init; }

    public string? ContextWarning { get; init; }

    public string? GuardrailsVersion { get; init; }

    public string? ExternalKey { get; init; }
}
