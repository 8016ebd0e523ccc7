using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>When a task execution can be claimed.</summary>
internal static class TaskExecutionReadiness
{
    /// <summary>
    /// Who may claim the execution now: null for nobody, empty for everybody. It assumes that the flow is not finished: a flow that
    /// finishes takes its executions out itself.
    /// </summary>
    public static string? ReadyFor(TaskExecution execution) =>
        execution is { Status: TaskExecutionStatus.Queued, Lease: null, CancelRequested: null } ? "" : null;
}
