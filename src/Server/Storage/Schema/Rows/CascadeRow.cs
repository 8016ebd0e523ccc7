namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>A cascade that goes on: who began it, and how far it is. Its row in the schedule fires its next step.</summary>
internal sealed record CascadeRow
{
    public required string OrganizationId { get; init; }

    /// <summary>The resource that changed first. The cascade changes what it covers.</summary>
    public required Guid ResourceId { get; init; }

    /// <summary>The resource's kind.</summary>
    public required int Kind { get; init; }

    public required int ActorType { get; init; }

    public required string ActorId { get; init; }

    /// <summary>The integration type of a SERVICE; null for none.</summary>
    public string? IntegrationType { get; init; }

    /// <summary>The reason of every change; null for none.</summary>
    public string? Reason { get; init; }

    /// <summary>The creation time of the last resource that it changed.</summary>
    public required DateTimeOffset AfterAt { get; init; }

    /// <summary>The last resource that it changed.</summary>
    public required Guid AfterId { get; init; }
}
