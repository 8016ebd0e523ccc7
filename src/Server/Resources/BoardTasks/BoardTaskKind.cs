using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>Board tasks as the ledger stores and lists them.</summary>
internal sealed class BoardTaskKind() : KindDefinition<BoardTask, BoardTaskRow>(ResourceKind.BoardTask)
{
    public override IReadOnlyList<SortField<BoardTaskRow>> SortFields { get; } =
    [
        SortField<BoardTaskRow>.Of("created_at", row => row.CreatedAt),
        SortField<BoardTaskRow>.Of("updated_at", row => row.UpdatedAt),
        SortField<BoardTaskRow>.Of("priority", row => row.Priority),
        SortField<BoardTaskRow>.Of("title", row => row.Title),
        SortField<BoardTaskRow>.Of("status", row => row.Status),
    ];

    protected override bool IsDeleted(BoardTask resource) => resource.DeletedAt is not null;

    protected override ResourceRow ToRow(BoardTask resource) => new BoardTaskRow
    {
        Title = resource.Title,
        Priority = resource.Priority,
        CreatedBy = resource.HasCreatedBy ? resource.CreatedBy : null,
        SubtaskCount = resource.SubtaskCount,
        AssignedToTypeId = resource.HasAssignedToTypeId ? resource.AssignedToTypeId : null,
        AssignedToInstanceId = resource.HasAssignedToInstanceId ? resource.AssignedToInstanceId : null,
        AssignedToUserId = resource.HasAssignedToUserId ? resource.AssignedToUserId : null,
        CorrelationBucketId = resource.HasCorrelationBucketId ? resource.CorrelationBucketId : null,
        Source = (int)resource.Source,
    };
}
