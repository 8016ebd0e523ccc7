using TaskGrpc.V1;
using static TaskGrpc.V1.BoardTaskStatus;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>When a board task can be claimed.</summary>
internal static class BoardTaskReadiness
{
    /// <summary>Who may claim the task now: null for nobody, empty for everybody, else the USER to whom it is assigned.</summary>
    /// <param name="task">The task.</param>
    /// <param name="mostExpired">How many of its leases may expire.</param>
    public static string? ReadyFor(BoardTask task, int mostExpired) =>
        task is { DeletedAt: null, Lease: null, CancelRequested: null, NotBefore: null, OpenBlockers: 0, Status: Backlog or Assigned }
            && task.ExpiredLeases < mostExpired
        ? task.AssignedToUserId : null;
}
