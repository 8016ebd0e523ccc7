using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.V1;
using static TaskGrpc.V1.BoardTaskStatus;

namespace TaskGrpc.Server.Resources.BoardTasks;

internal static class BoardTaskLifecycle
{
    public const string Transition = nameof(Transition);

    public static StateMachine<BoardTaskStatus> Machine { get; } = new(
        Backlog,
        new([Backlog], [Assigned], Transition),
        new([Assigned], [Backlog, Running], Transition),
        new([Running], [Assigned, Review, Done], Transition),
        new([Review], [Running, Done], Transition),
        new([Done], [Backlog], Transition),
        new([Backlog, Assigned], [Running], WorkVerbs.ClaimNext),
        new([Running], [Backlog, Assigned], WorkVerbs.Release),
        new([Running], [Backlog, Assigned], WorkVerbs.Expiry));

    /// <exception cref="Fault">INVALID_TRANSITION.</exception>
    public static void Require(BoardTask task, BoardTaskStatus to)
    {
        if (!Machine.Targets(task.Status, Transition).Contains(to))
        {
            throw InvalidTransition.Of(task, task.Status, to, Allowed(task));
        }
    }

    /// <summary>The statuses that a Transition accepts now.</summary>
    public static IEnumerable<BoardTaskStatus> Allowed(BoardTask task) =>
        Machine.Targets(task.Status, Transition).Where(target => !NeedsAssignee(target) || HasAssignee(task));

    public static bool NeedsAssignee(BoardTaskStatus status) => status is Assigned or Running;

    public static bool HasAssignee(BoardTask task) =>
        task.AssignedToTypeId.Length > 0 || task.AssignedToInstanceId.Length > 0 || task.AssignedToUserId.Length > 0;
}
