namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>The head of an organization's log. The first change inserts it, with the epoch of the store's own row.</summary>
internal sealed class OrganizationRow
{
    /// <summary>The id of the store's own row, which exists from the start. No organization can have this name.</summary>
    public const string Store = "";

    public required string Id { get; init; }

    /// <summary>The last revision. The transaction of a change updates this counter, so that it has no gaps, unlike a sequence.</summary>
    public long Revision { get; init; }

    /// <summary>The log no longer has the changes up to this revision.</summary>
    public long CompactedRevision { get; init; }

    /// <summary>Identifies this history of the log. Tokens of another epoch are invalid.</summary>
    public Guid Epoch { get; init; }
}
