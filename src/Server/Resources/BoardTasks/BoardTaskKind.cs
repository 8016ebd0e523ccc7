using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage.Schema.Rows;
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

    public override FilterFields<BoardTaskRow> FilterFields { get; } = new FilterFields<BoardTaskRow>()
        .Id("id", row => row.Id)
        .Text("organization_id", row => row.OrganizationId)
        .Moment("created_at", row => row.CreatedAt)
        .Moment("updated_at", row => row.UpdatedAt)
        .Moment("deleted_at", row => row.DeletedAt)
        .Text("created_by", row => row.CreatedBy)
        .Number("subtask_count", row => row.SubtaskCount)
        .Text("title", row => row.Title)
        .Number("priority", row => row.Priority)
        .Enum<BoardTaskStatus>("status", row => row.Status)
        .Text("assigned_to_type_id", row => row.AssignedToTypeId)
        .Text("assigned_to_instance_id", row => row.AssignedToInstanceId)
        .Text("assigned_to_user_id", row => row.AssignedToUserId)
        .Text("correlation_bucket_id", row => row.CorrelationBucketId)
        .Enum<BoardTaskSource>("source", row => row.Source);

    protected override bool IsTerminal(BoardTask resource) => resource.Status == BoardTaskStatus.Done;

    protected override bool IsDeleted(BoardTask resource) => resource.DeletedAt is not null;

    protected override ResourceRow OwnColumns(BoardTask resource) => new BoardTaskRow
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
        DeletedAt = Moment.ToColumn(resource.DeletedAt),
    };
}
