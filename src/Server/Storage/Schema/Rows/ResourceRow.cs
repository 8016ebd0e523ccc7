namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>
/// The columns of a resource of any kind: what SQL must find, and the resource itself as its message's bytes. It declares the schema; the
/// rows that are written are <see cref="StoredRow"/>s, whose values the kinds' columns give.
/// </summary>
internal abstract class ResourceRow
{
    public Guid Id { get; set; }

    public string OrganizationId { get; set; } = "";

    /// <summary>Counts the resource's changes from 1. Callers see it only as an etag.</summary>
    public long Version { get; set; }

    /// <summary>The revision of the last change; 0 if there was none since a migration added this column.</summary>
    public long Revision { get; set; }

    public int Status { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public bool Deleted { get; set; }

    public byte[] Body { get; set; } = [];
}
