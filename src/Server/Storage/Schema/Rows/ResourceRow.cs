namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>The columns that every kind of resource has, and the resource as its message's bytes.</summary>
internal abstract class ResourceRow : IOrganizationRow
{
    /// <summary>The columns that an UPDATE never sets.</summary>
    public static IReadOnlyList<string> SetOnce { get; } = [nameof(OrganizationId), nameof(CreatedAt)];

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
