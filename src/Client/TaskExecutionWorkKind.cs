using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>Task executions.</summary>
internal sealed class TaskExecutionWorkKind : WorkKind<TaskExecution>
{
    public override ResourceKind Kind => ResourceKind.TaskExecution;

    public override string StatusOf(TaskExecution resource) => resource.Status.ToString();

    public override Task<TaskExecution> CompleteAsync(
        TaskGrpcWork<TaskExecution> work, Value? result, CancellationToken cancellationToken) =>
        work.EndAsync(Transition(work, TaskExecutionStatus.Completed, output: result), cancellationToken);

    public override Task<TaskExecution> FailAsync(
        TaskGrpcWork<TaskExecution> work, Exception failure, TaskGrpcWorkerOptions options, CancellationToken cancellationToken)
    {
        var error = new ExecutionError
        {
            Message = Clip.Message(failure, Clip.Reason),
            Type = Clip.Text(failure.GetType().FullName ?? failure.GetType().Name, Clip.Reason),
        };
        if (failure.StackTrace is { Length: > 0 } trace)
        {
            error.Traceback = Clip.Text(trace, Clip.Error);
        }

        return work.EndAsync(Transition(work, TaskExecutionStatus.Failed, error: error), cancellationToken);
    }

    public override Task<TaskExecution> CancelAsync(TaskGrpcWork<TaskExecution> work, CancellationToken cancellationToken) =>
        work.EndAsync(Transition(work, TaskExecutionStatus.Canceled, work.CancelReason), cancellationToken);

    private static Func<CancellationToken, Task<TaskExecution>> Transition(
        TaskGrpcWork<TaskExecution> work, TaskExecutionStatus status, string? reason = null, Value? output = null,
        ExecutionError? error = null)
    {
        var request = new TransitionTaskExecutionRequest
        {
            Id = work.Resource.Id,
            Status = status,
            Reason = reason ?? "",
            Output = output,
            Error = error,
            LeaseToken = work.LeaseToken,
            RequestId = NewId(work),
        };
        return token => work.Client.TaskExecutions.TransitionTaskExecutionAsync(request, cancellationToken: token).ResponseAsync;
    }
}
