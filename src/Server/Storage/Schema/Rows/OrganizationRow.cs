namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>
/// An organization's place in its log. The row comes with the organization's first change, and takes over the epoch of the store's own row,
/// which was the organization's until then.
/// </summary>
internal sealed class OrganizationRow
{
    /// <summary>The id of the store's own row, made with the database. No caller can have this name.</summary>
    public const string Store = "";

    public required string Id { get; init; }

    /// <summary>The last revision taken. A counter row, not a sequence: it is updated with the change itself, so numbers have no gaps.</summary>
    public long Revision { get; init; }

    /// <summary>Changes up to this revision are no longer kept.</summary>
    public long CompactedRevision { get; init; }

    /// <summary>Names this history of the log. Tokens of another epoch are void.</summary>
    public Guid Epoch { get; init; }
}
