using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;
using static TaskGrpc.V1.MonitorTaskStatus;

namespace TaskGrpc.Server.Resources.MonitorTasks;

internal static class MonitorTaskLifecycle
{
    public const string Pause = nameof(Pause);
    public const string Resume = nameof(Resume);
    public const string Delete = nameof(Delete);

    public static StateMachine<MonitorTaskStatus> Machine { get; } = new(
        Active,
        new([Active], [Paused], Pause),
        new([Paused], [Active], Resume),
        new([Active, Paused], [Deleted], Delete));

    /// <exception cref="Fault">INVALID_TRANSITION.</exception>
    public static void Move(MonitorTask task, MonitorTaskStatus to, string verb)
    {
        if (!Machine.Targets(task.Status, verb).Contains(to))
        {
            throw InvalidTransition.Of(task, task.Status, to, Machine, Pause, Resume, Delete);
        }

        task.Status = to;
    }
}
