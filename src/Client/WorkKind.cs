using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>How the work of one kind ends. Each method makes a call with a request_id of its own, so that it may be repeated.</summary>
internal abstract class WorkKind<T>
    where T : class, IClaimable
{
    private static readonly WorkKind<T>? Known = (WorkKind<T>?)(object?)(typeof(T) switch
    {
        var type when type == typeof(AgentTask) => new AgentTaskWorkKind(),
        var type when type == typeof(BoardTask) => new BoardTaskWorkKind(),
        var type when type == typeof(TaskExecution) => new TaskExecutionWorkKind(),
        _ => null,
    });

    /// <exception cref="NotSupportedException">Nobody can claim resources of this type.</exception>
    public static WorkKind<T> Instance => Known ?? throw new NotSupportedException(
        $"No worker can claim a {typeof(T).Name}. Use {nameof(AgentTask)}, {nameof(BoardTask)} or {nameof(TaskExecution)}.");

    public abstract ResourceKind Kind { get; }

    /// <summary>The status by name, for logs.</summary>
    public abstract string StatusOf(T resource);

    /// <summary>Completes the work, which its handler has done.</summary>
    /// <exception cref="WorkException">The work must not be completed; the message becomes its error.</exception>
    public abstract Task<T> CompleteAsync(TaskGrpcWork<T> work, Value? result, CancellationToken cancellationToken);

    /// <summary>Fails the work, whose handler has thrown.</summary>
    public abstract Task<T> FailAsync(
        TaskGrpcWork<T> work, Exception failure, TaskGrpcWorkerOptions options, CancellationToken cancellationToken);

    /// <summary>Cancels the work, whose cancel was requested.</summary>
    public abstract Task<T> CancelAsync(TaskGrpcWork<T> work, CancellationToken cancellationToken);

    /// <summary>A call that gives the work back.</summary>
    public Func<CancellationToken, Task<T>> ReleaseAsync(TaskGrpcWork<T> work, string? reason, DateTimeOffset? notBefore)
    {
        var request = new ReleaseRequest
        {
            Kind = Kind,
            Id = work.Resource.Id,
            LeaseToken = work.LeaseToken,
            Reason = Clip.Text(reason ?? "", Clip.Reason),
            NotBefore = notBefore?.ToTimestamp(),
            RequestId = NewId(work),
        };
        return async token =>
        {
            var response = await work.Client.Work.ReleaseAsync(request, cancellationToken: token).ConfigureAwait(false);
            return (T)response.Resource!;
        };
    }

    protected static string NewId(TaskGrpcWork<T> work) =>
        Guid.CreateVersion7(work.Client.State.Options.TimeProvider.GetUtcNow()).ToString();
}
