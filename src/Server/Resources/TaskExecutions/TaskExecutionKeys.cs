using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>The keys and outputs of executions as one command sees them: the stored ones and those that it is about to create.</summary>
/// <param name="unit">The command.</param>
/// <param name="sentBytes">The size of the sent executions.</param>
internal sealed class TaskExecutionKeys(UnitOfWork unit, int sentBytes = 0)
{
    /// <summary>What one command may create, outputs included: the limit of a request, so that clients can receive the answer.</summary>
    private const int MostBytes = 3 * 1024 * 1024;

    private readonly TaskExecutionStatements _stored = unit.Query<TaskExecutionStatements>();
    private readonly string _organizationId = unit.Caller.OrganizationId;
    private readonly Dictionary<(string Flow, string Task), long> _highest = [];
    private readonly HashSet<(string Flow, string Task, int Index)> _taken = [];
    private readonly Dictionary<(string Flow, string Task), TaskExecution> _completed = [];
    private readonly Dictionary<(string Flow, string Task), TaskExecution?> _latest = [];
    private int _bytes = sentBytes;

    /// <summary>Gives the execution its index, or checks that the sent one is free; returns TASK_EXECUTION_EXISTS if it is not.</summary>
    public Fault? Take(TaskExecution execution, string path, Violations violations)
    {
        if (!execution.HasTaskExecutionIndex)
        {
            TakeNext(execution, path, violations);
            return null;
        }

        if (execution.TaskExecutionIndex < 0)
        {
            // TaskExecutionRules has reported it.
            return null;
        }

        var flow = Guid.Parse(execution.FlowExecutionId);
        var highest = Highest((execution.FlowExecutionId, execution.TaskName), flow);
        var existing = execution.TaskExecutionIndex <= highest
            ? _stored.Find(_organizationId, flow, execution.TaskName, execution.TaskExecutionIndex) : null;
        Keep(execution, path, violations);
        return existing is { } id ? Exists(execution, id.ToString()) : null;
    }

    /// <summary>Gives the execution the index after the highest used one.</summary>
    public void TakeNext(TaskExecution execution, string path, Violations violations)
    {
        var highest = Highest((execution.FlowExecutionId, execution.TaskName), Guid.Parse(execution.FlowExecutionId));
        if (highest == int.MaxValue)
        {
            violations.Add(
                path + "task_execution_index",
                $"is required, because this task already uses the largest index, {int.MaxValue}; send a free index");
            return;
        }

        execution.TaskExecutionIndex = (int)highest + 1;
        Keep(execution, path, violations);
    }

    /// <summary>The latest attempt at the same task, deleted or not; null if this execution is the latest.</summary>
    public Guid? LaterThan(TaskExecution execution)
    {
        var flow = Guid.Parse(execution.FlowExecutionId);
        var highest = Highest((execution.FlowExecutionId, execution.TaskName), flow);
        return highest > execution.TaskExecutionIndex ? _stored.Find(_organizationId, flow, execution.TaskName, (int)highest) : null;
    }

    /// <summary>The task's COMPLETED execution with the highest index; null if there is none.</summary>
    public TaskExecution? LatestCompleted(string flowId, string taskName)
    {
        var own = _completed.GetValueOrDefault((flowId, taskName));
        if (!_latest.TryGetValue((flowId, taskName), out var stored))
        {
            var body = _stored.Latest(_organizationId, Guid.Parse(flowId), taskName, (int)TaskExecutionStatus.Completed);
            _latest[(flowId, taskName)] = stored = body is null ? null : TaskExecution.Parser.ParseFrom(body);
        }

        return own is null || stored?.TaskExecutionIndex > own.TaskExecutionIndex ? stored : own;
    }

    /// <summary>Whether this command may put that many more bytes of outputs into inputs: each output may have a megabyte.</summary>
    public bool TryResolve(int bytes) => (_bytes += bytes) <= MostBytes;

    private void Keep(TaskExecution execution, string path, Violations violations)
    {
        var key = (execution.FlowExecutionId, execution.TaskName);
        if (!_taken.Add((execution.FlowExecutionId, execution.TaskName, execution.TaskExecutionIndex)))
        {
            violations.Add(
                path + "task_execution_index", "is used by another execution of this request; leave it out to get the next one");
        }

        _highest[key] = Math.Max(_highest[key], execution.TaskExecutionIndex);
        if (execution.Status == TaskExecutionStatus.Completed
            && (!_completed.TryGetValue(key, out var latest) || latest.TaskExecutionIndex < execution.TaskExecutionIndex))
        {
            _completed[key] = execution;
        }
    }

    private long Highest((string Flow, string Task) key, Guid flow)
    {
        if (!_highest.TryGetValue(key, out var highest))
        {
            _highest[key] = highest = _stored.HighestIndex(_organizationId, flow, key.Task);
        }

        return highest;
    }

    private static Fault Exists(TaskExecution execution, string existingId) =>
        new Fault(
            ErrorReason.TaskExecutionExists,
            $"The flow execution '{execution.FlowExecutionId}' already has an execution of '{Clip.Of(execution.TaskName, 80)}' "
            + $"with the index {execution.TaskExecutionIndex}, maybe a deleted one. Use it, or leave the index out to get the next one.")
        {
            Resource = ("TaskExecution", existingId),
        }.With("existing_id", existingId);
}
