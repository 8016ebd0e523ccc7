using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;
using static TaskGrpc.V1.TaskExecutionStatus;

namespace TaskGrpc.Server.Resources.TaskExecutions;

internal sealed class TaskExecutionRules : ResourceRules<TaskExecution>
{
    /// <summary>Checks nothing: callers choose the status, and <see cref="CheckValues"/> checks it.</summary>
    public override void CheckSent(TaskExecution sent, string path, Violations violations)
    {
    }

    public override void ApplyDefaults(TaskExecution resource) =>
        resource.Status = resource.Status == Unspecified ? Queued : resource.Status;

    public override void CheckValues(TaskExecution resource, string path, Violations violations, Func<string, bool> isSet)
    {
        if (resource is { HasTaskExecutionIndex: true, TaskExecutionIndex: < 0 })
        {
            violations.Add(path + "task_execution_index", "must not be negative; leave it out to get the next one");
        }

        if (resource.Status is Deleted or Stale)
        {
            violations.Add(path + "status", "must be TASK_EXECUTION_STATUS_QUEUED, RUNNING, COMPLETED, FAILED or CANCELED at creation");
        }

        CheckOutcome(resource.Status, resource.Output, resource.Error, path, violations);
    }

    public override void Create(TaskExecution resource, Caller caller, string path, Violations violations) =>
        resource.LastModifiedBy = ModifierOf(caller);

    public override void Preview(TaskExecution resource) => (resource.StartedAt, resource.FinishedAt) = (null, null);

    /// <summary>Sets the times of an execution that is created in a later status than QUEUED.</summary>
    public static void Record(TaskExecution execution, Timestamp at)
    {
        execution.StartedAt = execution.Status == Running ? at : null;
        execution.FinishedAt = execution.Status is Completed or Failed or Canceled ? at : null;
    }

    public static void CheckTransition(TransitionTaskExecutionRequest request, Violations violations)
    {
        if (request.Status == Deleted)
        {
            violations.Add("status", "cannot become TASK_EXECUTION_STATUS_DELETED by a Transition; use DeleteTaskExecution");
        }

        CheckOutcome(request.Status, request.Output, request.Error, "", violations);
    }

    public static void Transition(
        TaskExecution execution, TransitionTaskExecutionRequest request, FlowExecution flow, Caller caller, Timestamp at)
    {
        TaskExecutionLifecycle.Require(execution, request.Status, OpenFlow.IsFinished(flow));
        if (request.Status == Running)
        {
            OpenFlow.Require(flow);
        }

        execution.Status = request.Status;
        switch (request.Status)
        {
            case Running:
                execution.StartedAt = at;
                break;
            case Completed:
                execution.Output = request.Output;
                execution.FinishedAt = at;
                break;
            case Failed:
                execution.Error = request.Error;
                execution.FinishedAt = at;
                break;
            case Canceled:
                execution.FinishedAt = at;
                break;
        }

        execution.LastModifiedBy = ModifierOf(caller);
    }

    /// <summary>Cancels an open execution because its flow was canceled.</summary>
    public static void Cancel(TaskExecution execution, Caller caller, Timestamp at)
    {
        (execution.Status, execution.FinishedAt, execution.LastModifiedBy) = (Canceled, at, ModifierOf(caller));
        execution.Lease = null;
    }

    public static void Delete(TaskExecution execution, Caller caller)
    {
        (execution.Status, execution.LastModifiedBy) = (Deleted, ModifierOf(caller));
    }

    /// <summary>The next attempt at an execution's task, without its index.</summary>
    /// <exception cref="Fault">INVALID_TRANSITION: the execution is QUEUED, RUNNING or COMPLETED.</exception>
    public static TaskExecution Retry(TaskExecution execution, FlowExecution flow, Caller caller)
    {
        if (!TaskExecutionLifecycle.IsRetryable(execution))
        {
            throw InvalidTransition.Of(
                execution, execution.Status, Queued, TaskExecutionLifecycle.Allowed(execution, OpenFlow.IsFinished(flow)));
        }

        return new TaskExecution
        {
            FlowExecutionId = execution.FlowExecutionId,
            TaskName = execution.TaskName,
            Status = Queued,
            Input = execution.Input?.Clone(),
            LastModifiedBy = ModifierOf(caller),
        };
    }

    /// <summary>The refusal of a retry when a later attempt exists.</summary>
    public static Fault NotLatest(TaskExecution execution, TaskExecution latest)
    {
        var advice = latest.Status == Deleted
            ? "That one is deleted, so make the next attempt with CreateTaskExecution."
            : "Read that one, and retry it if it failed.";
        return Fault.Precondition(
            ErrorReason.NotLatestAttempt,
            $"TaskExecution/{execution.Id}",
            $"The execution '{execution.Id}' (index {execution.TaskExecutionIndex}) is not the latest attempt at its task; '{latest.Id}' "
            + $"(index {latest.TaskExecutionIndex}) is. {advice}")
            .With("latest_id", latest.Id);
    }

    private static void CheckOutcome(TaskExecutionStatus status, Value? output, ExecutionError? error, string path, Violations violations)
    {
        if (status == Failed && error is null)
        {
            violations.Add(path + "error", "is required with TASK_EXECUTION_STATUS_FAILED: say what went wrong");
        }
        else if (status != Failed && error is not null)
        {
            violations.Add(path + "error", "is allowed only with TASK_EXECUTION_STATUS_FAILED; leave it out");
        }

        if (status != Completed && output is not null)
        {
            violations.Add(path + "output", "is allowed only with TASK_EXECUTION_STATUS_COMPLETED; leave it out");
        }
    }

    public static string ModifierOf(Caller caller) =>
        caller.Actor.Type is ActorType.User or ActorType.Agent ? caller.Actor.Id : caller.IntegrationType ?? "system";
}
