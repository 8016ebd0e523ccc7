namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>
/// A time at which a command is due for a resource. The server reads it for all organizations, so only prepared statements read this
/// table, and no caller does.
/// </summary>
internal sealed class ScheduleRow
{
    /// <summary>The condition of the index, and of each statement that uses it.</summary>
    public const string IsNotHeld = "held = FALSE";

    public required string OrganizationId { get; init; }

    /// <summary>What is due, as a number of the ledger's list of purposes.</summary>
    public required int Purpose { get; init; }

    /// <summary>Rows of one group wait for each other, and never for those of another group.</summary>
    public required string GroupName { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    public required Guid ResourceId { get; init; }

    /// <summary>Whether the row waits for something else than its time.</summary>
    public bool Held { get; init; }

    /// <summary>The replica that has reserved the row to fire it; null after it fired. PostgreSQL only.</summary>
    public Guid? ReservedBy { get; init; }

    /// <summary>Until when other replicas skip the row.</summary>
    public DateTimeOffset? ReservedUntil { get; init; }

    /// <summary>Tells a holder of the resource from earlier ones; 0 where the purpose has no holder.</summary>
    public long Fence { get; init; }
}
