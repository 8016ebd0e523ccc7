namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The parts of the prepared statements that differ between the databases. Other differences have their own classes.</summary>
internal sealed record Dialect
{
    /// <summary>Compares a row's organization where another column already finds the row.</summary>
    public required string IsOwn { get; init; }

    /// <summary>The columns of a change's key.</summary>
    public required string ChangeKey { get; init; }

    /// <summary>The condition that a scheduled delivery is not held, as the filter of the index has it.</summary>
    public required string IsNotHeld { get; init; }

    /// <summary>Begins reads that all see one moment, with @organization and @scope where the database needs them.</summary>
    public required string BeginView { get; init; }

    /// <summary>Ends those reads.</summary>
    public required string EndView { get; init; }

    /// <summary>Runs when a reader is rented, with @organization and @scope; null for nothing.</summary>
    public string? BeginRent { get; init; }

    /// <summary>Runs when the reader is returned; null for nothing.</summary>
    public string? EndRent { get; init; }

    /// <summary>Reserves due deliveries for this replica for a while; null where there is only one server.</summary>
    public string? ReserveDue { get; init; }
}
