namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>
/// An open delivery in the schedule of attempts; its end deletes the row. The dispatcher reads all organizations, so only prepared
/// statements read this table, and no caller does.
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

    /// <summary>The endpoint of the attempts. Attempts at one endpoint wait for each other, and never for those at another.</summary>
    public required string Endpoint { get; init; }

    /// <summary>When the next attempt may begin. During an attempt: when its lease expires and another worker may take over.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Whether the monitor task is paused, so that nothing is attempted.</summary>
    public bool Held { get; init; }

    /// <summary>Whether an attempt is under way, so that DueAt is the end of its lease.</summary>
    public bool Claimed { get; init; }

    /// <summary>How many attempts in a row ended because their leases expired.</summary>
    public int CutShort { get; init; }

    /// <summary>How many attempts the present schedule has made; a redelivery begins a new schedule.</summary>
    public int Tries { get; init; }

    /// <summary>The replica that has reserved the row to claim it; null once it is claimed. PostgreSQL only.</summary>
    public Guid? ReservedBy { get; init; }

    /// <summary>Until when other replicas skip the row.</summary>
    public DateTimeOffset? ReservedUntil { get; init; }
}
