namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>An edge between board tasks, from a blocked task to the one that must be done first.</summary>
internal sealed class BlockerRow
{
    public required string OrganizationId { get; init; }

    public required Guid BlockedId { get; init; }

    public required Guid BlockerId { get; init; }
}
