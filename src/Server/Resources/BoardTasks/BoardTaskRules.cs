using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.BoardTasks;

internal sealed class BoardTaskRules : ResourceRules<BoardTask>
{
    private const int MostUrgent = 1;
    private const int LeastUrgent = 4;
    private const int DefaultPriority = 3;

    public override void CheckSent(BoardTask sent, string path, Violations violations) =>
        CheckInitial(sent.Status, BoardTaskLifecycle.Machine.Initial, path, violations);

    public override void ApplyDefaults(BoardTask resource)
    {
        resource.Priority = resource.Priority == 0 ? DefaultPriority : resource.Priority;
        resource.Source = resource.Source == BoardTaskSource.Unspecified ? BoardTaskSource.Manual : resource.Source;
    }

    public override void CheckValues(BoardTask resource, string path, Violations violations, Func<string, bool> isSet)
    {
        if (isSet("priority") && resource.Priority is not (0 or (>= MostUrgent and <= LeastUrgent)))
        {
            violations.Add(path + "priority", "must be 1 (urgent), 2 (high), 3 (normal) or 4 (low)");
        }
    }

    public override void Create(BoardTask resource, Caller caller, string path, Violations violations)
    {
        resource.Status = BoardTaskLifecycle.Machine.Initial;
        if (caller.IsUser)
        {
            resource.CreatedBy = caller.Actor.Id;
        }
    }

    public override void Begin(BoardTask resource, Timestamp at) => resource.NotBefore = TimeCheck.StillAhead(resource.NotBefore, at);

    public override void Update(BoardTask before, BoardTask after, Caller caller, Timestamp at)
    {
        after.NotBefore = TimeCheck.StillAhead(after.NotBefore, at);
        RequireAssignee(after);
    }

    public static void Transition(BoardTask task, BoardTaskStatus to)
    {
        BoardTaskLifecycle.Require(task, to);
        task.Status = to;
        if (to is BoardTaskStatus.Backlog or BoardTaskStatus.Assigned)
        {
            ClearClaimedAssignee(task);
        }

        RequireAssignee(task);
    }

    /// <summary>Clears the assignee that the standing lease's claim set, unless somebody has changed it since.</summary>
    public static void ClearClaimedAssignee(BoardTask task)
    {
        if (task.Lease is { SetAssignee: true } lease && task.AssignedToInstanceId == lease.Worker)
        {
            task.ClearAssignedToInstanceId();
        }
    }

    public static void Delete(BoardTask task, Timestamp at)
    {
        task.DeletedAt = at;
        (task.SubtaskCount, task.OpenBlockers) = (0, 0);
    }

    private static void RequireAssignee(BoardTask task)
    {
        if (BoardTaskLifecycle.NeedsAssignee(task.Status) && !BoardTaskLifecycle.HasAssignee(task))
        {
            throw Fault.Precondition(
                ErrorReason.AssigneeRequired,
                $"BoardTask/{task.Id}",
                $"A task in {EnumNames<BoardTaskStatus>.Of(task.Status)} needs an assignee. "
                + "Set or keep assigned_to_type_id, assigned_to_instance_id or assigned_to_user_id.");
        }
    }
}
