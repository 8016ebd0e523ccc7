using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>The times at which the server changes agent tasks by itself.</summary>
internal static class AgentTaskTimes
{
    public static IReadOnlyList<DurableTime> All { get; } =
    [
        new(SchedulePurpose.NotBefore, task => NotBefore((AgentTask)task)),
        new(SchedulePurpose.Due, task => Due((AgentTask)task)),
        new(SchedulePurpose.Approval, task => ApprovalEnd((AgentTask)task)),
    ];

    /// <summary>When the task becomes overdue; null if it is already, or never will be.</summary>
    public static Timestamp? Due(AgentTask task) =>
        task is { DeletedAt: null, Overdue: false, DueAt: { } due } && !IsFinished(task) ? Moment.Cut(due) : null;

    /// <summary>When the pending request for approval expires; null if none is pending, or it waits for ever.</summary>
    public static Timestamp? ApprovalEnd(AgentTask task) =>
        task is { DeletedAt: null, Status: AwaitingApproval } ? task.Approval?.ExpiresAt : null;

    /// <summary>Makes `overdue` equal to what due_at says at a time.</summary>
    public static void SetOverdue(AgentTask task, Timestamp at) => task.Overdue = task.DueAt is { } due && due <= at && !IsFinished(task);

    public static bool IsFinished(AgentTask task) => task.Status is Completed or Failed or Canceled;

    private static Timestamp? NotBefore(AgentTask task) => task.DeletedAt is null ? task.NotBefore : null;
}
