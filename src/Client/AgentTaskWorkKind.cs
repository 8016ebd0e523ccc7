using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// Agent tasks. Only from EXECUTING can a task be COMPLETED. The worker moves a task there that its handler has done in PLANNING, if the
/// task's policy allows that; otherwise the task fails, because nobody has approved what the handler did.
/// </summary>
internal sealed class AgentTaskWorkKind : WorkKind<AgentTask>
{
    public override ResourceKind Kind => ResourceKind.AgentTask;

    public override string StatusOf(AgentTask resource) => resource.Status.ToString();

    public static Func<CancellationToken, Task<AgentTask>> Transition(
        TaskGrpcWork<AgentTask> work, AgentTaskStatus status, string? reason = null, string? error = null, Value? result = null)
    {
        var request = new TransitionAgentTaskRequest
        {
            Id = work.Resource.Id,
            Status = status,
            Reason = reason ?? "",
            Result = result,
            LeaseToken = work.LeaseToken,
            RequestId = NewId(work),
        };
        if (error is not null)
        {
            request.Error = error;
        }

        return token => work.Client.AgentTasks.TransitionAgentTaskAsync(request, cancellationToken: token).ResponseAsync;
    }

    public override async Task<AgentTask> CompleteAsync(
        TaskGrpcWork<AgentTask> work, Value? result, CancellationToken cancellationToken)
    {
        try
        {
            await work.StartExecutingAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.ApprovalRequired)
        {
            throw new WorkException(
                $"The handler returned in PLANNING, but the policy {work.Resource.ApprovalPolicy} needs an approval before the task is "
                + "executed. Let the handler call work.RequestApprovalAsync() and return; a worker claims the task again after the "
                + "decision. For tasks that need no approval, set the policy AUTO_EXECUTE.");
        }

        return await work.EndAsync(Transition(work, AgentTaskStatus.Completed, result: result), cancellationToken).ConfigureAwait(false);
    }

    public override Task<AgentTask> FailAsync(
        TaskGrpcWork<AgentTask> work, Exception failure, TaskGrpcWorkerOptions options, CancellationToken cancellationToken) =>
        work.EndAsync(Transition(work, AgentTaskStatus.Failed, error: Clip.Message(failure, Clip.Error)), cancellationToken);

    public override Task<AgentTask> CancelAsync(TaskGrpcWork<AgentTask> work, CancellationToken cancellationToken) =>
        work.EndAsync(Transition(work, AgentTaskStatus.Canceled, work.CancelReason), cancellationToken);
}
