
namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>One entry of the log: what one revision did to one resource.</summary>
internal sealed class ChangeRow
{
    /// <summary>The order of commits over all organizations, assigned by the database: every insert appends.</summary>
    public long Sequence { get; init; }

    public required string OrganizationId { get; init; }

    public required long Revision { get; init; }

    /// <summary>The position within the revision, from 0.</summary>
    public required int Ordinal { get; init; }

    /// <summary>How many changes of the same revision come after this one; 0 means that the revision is complete.</summary>
    public required int Remaining { get; init; }

    public required int Kind { get; init; }

    public required Guid ResourceId { get; init; }

    public required int Type { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The bytes of the Change message, as every watch receives them.</summary>
    public required byte[] Body { get; init; }
}
