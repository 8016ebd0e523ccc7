using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>Board tasks as the ledger stores and lists them.</summary>
internal sealed class BoardTaskKind(WorkOptions work) : KindDefinition<BoardTask>(ResourceKind.BoardTask, Tables.BoardTasks)
{
    /// <summary>The kind with the default options.</summary>
    public BoardTaskKind()
        : this(new WorkOptions())
    {
    }

    public override Columns<BoardTask> Columns { get; } = new Columns<BoardTask>()
        .Id("id", task => task.Id)
        .Text("organization_id", task => task.OrganizationId)
        .Moment("created_at", task => task.CreatedAt, sort: true)
        .Moment("updated_at", task => task.UpdatedAt, sort: true)
        .OptionalMoment("deleted_at", task => task.DeletedAt)
        .Text("created_by", task => task.HasCreatedBy ? task.CreatedBy : null)
        .Number("subtask_count", task => task.SubtaskCount)
        .Text("title", task => task.Title, sort: true)
        .Number("priority", task => task.Priority, sort: true)
        .Enum("status", task => task.Status, sort: true)
        .Text("assigned_to_type_id", task => task.HasAssignedToTypeId ? task.AssignedToTypeId : null, group: true)
        .Text("assigned_to_instance_id", task => task.HasAssignedToInstanceId ? task.AssignedToInstanceId : null, group: true)
        .Text("assigned_to_user_id", task => task.HasAssignedToUserId ? task.AssignedToUserId : null, group: true)
        .Text("correlation_bucket_id", task => task.HasCorrelationBucketId ? task.CorrelationBucketId : null)
        .Enum("source", task => task.Source)
        .Text("external_key", task => task.HasExternalKey ? task.ExternalKey : null)
        .Claims(task => BoardTaskReadiness.ReadyFor(task, work.ExpiredLeases))
        .OptionalMoment("not_before", task => task.NotBefore)
        .Number("open_blockers", task => task.OpenBlockers);

    public override IReadOnlyList<DurableTime> Times { get; } =
        [new(SchedulePurpose.NotBefore, task => task is BoardTask { DeletedAt: null } living ? living.NotBefore : null)];

    protected override bool IsTerminal(BoardTask resource) => resource.Status == BoardTaskStatus.Done;

    protected override bool IsDeleted(BoardTask resource) => resource.DeletedAt is not null;
}
