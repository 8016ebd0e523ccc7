namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>An edge of the graph of board tasks, from a parent to its direct subtask.</summary>
internal sealed class SubtaskRow
{
    public required string OrganizationId { get; init; }

    public required Guid ParentId { get; init; }

    public required Guid ChildId { get; init; }
}
