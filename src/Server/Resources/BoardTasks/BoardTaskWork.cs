using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.V1;
using static TaskGrpc.V1.BoardTaskStatus;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>How workers take board tasks: a task goes back to ASSIGNED or BACKLOG when its lease ends before the work.</summary>
internal sealed class BoardTaskWork(KindDefinition<BoardTask> kind, IOptions<WorkOptions> options) : Workable<BoardTask>(kind)
{
    public override string[] Order { get; } = ["priority", "created_at", "id"];

    public override IReadOnlySet<string> BriefFields { get; } = new HashSet<string> { "priority", "assigned_to_type_id" };

    public override object[] RankOf(BoardTask resource) =>
        [resource.Priority, resource.CreatedAt.ToDateTimeOffset(), Guid.Parse(resource.Id)];

    public override string? ReadyFor(BoardTask resource) => BoardTaskReadiness.ReadyFor(resource, options.Value.ExpiredLeases);

    public override bool IsWorking(BoardTask resource) => resource.Status == Running;

    public override void Take(BoardTask resource, Caller caller, Timestamp at)
    {
        resource.Status = Running;
        if (!resource.HasAssignedToInstanceId)
        {
            resource.AssignedToInstanceId = resource.Lease.Worker;
            resource.Lease.SetAssignee = true;
        }
    }

    public override void GiveBack(UnitOfWork unit, BoardTask resource)
    {
        BoardTaskRules.ClearClaimedAssignee(resource);
        resource.Status = BoardTaskLifecycle.HasAssignee(resource) ? Assigned : Backlog;
    }

    public override void Expire(UnitOfWork unit, BoardTask resource, Timestamp at) => GiveBack(unit, resource);

    /// <summary>A board task has no CANCELED: it goes back, and loses the request.</summary>
    public override bool TryCancel(UnitOfWork unit, BoardTask resource, Timestamp at)
    {
        resource.CancelRequested = null;
        return false;
    }

    public override void Cancel(UnitOfWork unit, BoardTask resource, Timestamp at) =>
        throw InvalidTransition.OfCancel(resource, resource.Status, BoardTaskLifecycle.Allowed(resource));

    public override bool HasNotBefore => true;

    public override Timestamp? NotBeforeOf(BoardTask resource) => resource.NotBefore;

    public override void SetNotBefore(BoardTask resource, Timestamp? notBefore) => resource.NotBefore = notBefore;
}
