using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>Board tasks. They have neither a failure nor a cancellation: such work goes back to the board.</summary>
internal sealed class BoardTaskWorkKind : WorkKind<BoardTask>
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    public override ResourceKind Kind => ResourceKind.BoardTask;

    public override string StatusOf(BoardTask resource) => resource.Status.ToString();

    public override Task<BoardTask> CompleteAsync(TaskGrpcWork<BoardTask> work, Value? result, CancellationToken cancellationToken)
    {
        if (result is not null)
        {
            throw new WorkException("The handler returned a result, and a board task has none. Return null.");
        }

        var request = new TransitionBoardTaskRequest
        {
            Id = work.Resource.Id,
            Status = BoardTaskStatus.Done,
            LeaseToken = work.LeaseToken,
            RequestId = NewId(work),
        };
        return work.EndAsync(
            token => work.Client.BoardTasks.TransitionBoardTaskAsync(request, cancellationToken: token).ResponseAsync, cancellationToken);
    }

    public override Task<BoardTask> FailAsync(
        TaskGrpcWork<BoardTask> work, Exception failure, TaskGrpcWorkerOptions options, CancellationToken cancellationToken)
    {
        // Otherwise the same worker would claim the task again at once, and fail again.
        var delay = Delay(options.RetryDelay, work.ClaimCount);
        var notBefore = delay > TimeSpan.Zero ? work.Client.State.Options.TimeProvider.GetUtcNow() + delay : (DateTimeOffset?)null;
        return work.EndAsync(ReleaseAsync(work, Clip.Message(failure, Clip.Reason), notBefore), cancellationToken);
    }

    public override Task<BoardTask> CancelAsync(TaskGrpcWork<BoardTask> work, CancellationToken cancellationToken) =>
        work.EndAsync(ReleaseAsync(work, work.CancelReason, notBefore: null), cancellationToken);

    private static TimeSpan Delay(TimeSpan first, int claims)
    {
        var longest = first > LongestDelay ? first : LongestDelay;
        var seconds = first.TotalSeconds * Math.Pow(2, Math.Clamp(claims - 1, 0, 30));
        return TimeSpan.FromSeconds(Math.Min(seconds, longest.TotalSeconds));
    }
}
