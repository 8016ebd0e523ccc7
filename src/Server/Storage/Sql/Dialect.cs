namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The parts of the prepared statements that differ between the databases. Other differences have their own classes.</summary>
internal sealed record Dialect
{
    /// <summary>
    /// The organization's column where another column finds the rows already, in a form that keeps the planner on that one.
    /// </summary>
    public required string FoundOwner { get; init; }

    /// <summary>Binds a row to an organization where another column finds it already.</summary>
    public string IsOwn => $"{FoundOwner} = @organization";

    /// <summary>The columns of a change's key.</summary>
    public required string ChangeKey { get; init; }

    /// <summary>An order in which the logs of all organizations can be appended to another store.</summary>
    public required string LogOrder { get; init; }

    /// <summary>The same for the used request ids.</summary>
    public required string RequestOrder { get; init; }

    /// <summary>Begins reads that all see one moment, with @organization and @scope where the database needs them.</summary>
    public required string BeginView { get; init; }

    /// <summary>Ends those reads.</summary>
    public required string EndView { get; init; }

    /// <summary>Runs when a reader is rented, with @organization and @scope; null for nothing.</summary>
    public string? BeginRent { get; init; }

    /// <summary>Runs when the reader is returned; null for nothing.</summary>
    public string? EndRent { get; init; }
}
