namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>
/// An open delivery's place in the schedule of attempts; it goes when the delivery ends. The dispatcher looks for work across all
/// organizations, so this table is read by prepared statements alone and never by a caller.
/// </summary>
internal sealed class DueDeliveryRow
{
    /// <summary>What is true of a place that is not held back, as the index has it.</summary>
    public const string NotHeldInSqlite = "held = 0";

    /// <inheritdoc cref="NotHeldInSqlite"/>
    public const string NotHeldInPostgres = "NOT held";

    public required string OrganizationId { get; init; }

    public required Guid TaskId { get; init; }

    public required Guid DeliveryId { get; init; }

    /// <summary>What the attempts are made at: those at one endpoint wait for each other, never for those at another.</summary>
    public required string Endpoint { get; init; }

    /// <summary>When the next attempt may be made. While one is under way, when its lease runs out and another worker may take it up.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Whether the monitor task is paused, so that nothing is attempted.</summary>
    public bool Held { get; init; }

    /// <summary>Whether an attempt is under way, so that DueAt is the end of its lease.</summary>
    public bool Claimed { get; init; }

    /// <summary>How many attempts in a row were cut short, because their leases ran out.</summary>
    public int CutShort { get; init; }

    /// <summary>How many attempts the present schedule has seen; a redelivery starts a new one.</summary>
    public int Tries { get; init; }

    /// <summary>Which replica has read it to claim it, if there are several; null once it is claimed.</summary>
    public Guid? ReservedBy { get; init; }

    /// <summary>Until when other replicas pass it over.</summary>
    public DateTimeOffset? ReservedUntil { get; init; }
}
