namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>What an open delivery's attempts have come to. Without a row, none has ended yet.</summary>
internal sealed class DeliveryTriesRow
{
    public required string OrganizationId { get; init; }

    public required Guid DeliveryId { get; init; }

    /// <summary>How many attempts of the present schedule have ended; a redelivery begins a new schedule.</summary>
    public required int Tries { get; init; }

    /// <summary>How many attempts since then ended because their leases expired.</summary>
    public required int CutShort { get; init; }
}
