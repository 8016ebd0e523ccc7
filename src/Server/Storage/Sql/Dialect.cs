namespace TaskGrpc.Server.Storage.Sql;

/// <summary>What the prepared statements of the two databases do not have in common. Everything else about a database is a class of its own.</summary>
internal sealed record Dialect
{
    /// <summary>The organization's column where another column finds the rows already, in a form that keeps the planner on that one.</summary>
    public required string FoundOwner { get; init; }

    /// <summary>Binds a row to an organization where another column finds it already.</summary>
    public string IsOwn => $"{FoundOwner} = @organization";

    /// <summary>The columns by which a change is found at once.</summary>
    public required string ChangeKey { get; init; }

    /// <summary>An order in which the logs of all organizations can be appended to another store.</summary>
    public required string LogOrder { get; init; }

    /// <summary>The same for the used request ids.</summary>
    public required string RequestOrder { get; init; }

    /// <summary>What is true of a place in the schedule of deliveries that is not held back, as the index has it.</summary>
    public required string IsNotHeld { get; init; }

    /// <summary>Begins reads that all see one moment, with the organization as @organization where it must be told.</summary>
    public required string BeginView { get; init; }

    /// <summary>Ends them.</summary>
    public required string EndView { get; init; }

    /// <summary>Said when a reader is rented, with the organization as @organization and the reach as @scope; null for nothing.</summary>
    public string? BeginRent { get; init; }

    /// <summary>Said when the reader comes back; null for nothing.</summary>
    public string? EndRent { get; init; }

    /// <summary>Takes what is due off the hands of other replicas for a while, as it is read; null where there are none.</summary>
    public string? ReserveDue { get; init; }
}
