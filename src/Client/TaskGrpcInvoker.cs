using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// Every call of the stubs begins here. The invoker copies the request, and adds a request_id to a mutation and a deadline to a unary call
/// that has none. <see cref="UnaryCall{TRequest, TResponse}"/> and <see cref="ServerStream{TRequest, TResponse}"/> do the rest.
/// </summary>
internal sealed class TaskGrpcInvoker(CallInvoker inner, ClientState client) : CallInvoker
{
    /// <summary>What a claim may take beside its wait.</summary>
    private static readonly TimeSpan ClaimMargin = TimeSpan.FromSeconds(10);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        new UnaryCall<TRequest, TResponse>(inner, client, method, host, WithDeadline(request, options), WithId(request)).Start();

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
        return call.GetAwaiter().GetResult();
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        new ServerStream<TRequest, TResponse>(inner, client, method, host, options, Copy(request)).Start();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw StreamsRequests(method);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw StreamsRequests(method);

    private static NotSupportedException StreamsRequests(IMethod method) =>
        new($"{method.FullName} streams requests. No call of TaskGrpc does.");

    /// <summary>A copy: the call may repeat the request after the caller has changed or reused it.</summary>
    private static TRequest Copy<TRequest>(TRequest request) =>
        request is IDeepCloneable<TRequest> cloneable ? cloneable.Clone() : request;

    private TRequest WithId<TRequest>(TRequest request)
    {
        var copy = Copy(request);
        if (copy is IMutation { RequestId.Length: 0 } mutation)
        {
            mutation.RequestId = Guid.CreateVersion7(client.Options.TimeProvider.GetUtcNow()).ToString();
        }

        return copy;
    }

    /// <summary>A deadline, so that no program waits for ever for a dead server.</summary>
    private CallOptions WithDeadline<TRequest>(TRequest request, CallOptions options) =>
        options.Deadline is null && TimeoutOf(request) is { } timeout
        ? options.WithDeadline(client.Options.TimeProvider.GetUtcNow().UtcDateTime + timeout)
        : options;

    /// <summary>How long the call may take; null for no limit.</summary>
    private TimeSpan? TimeoutOf<TRequest>(TRequest request)
    {
        var usual = client.Options.CallTimeout == Timeout.InfiniteTimeSpan ? (TimeSpan?)null : client.Options.CallTimeout;
        return request switch
        {
            // A claim that waits is made again and again, so it ends soon after its wait, whatever the other calls may take.
            ClaimNextRequest { Wait: { } wait } when WaitOf(wait) is var time && time > TimeSpan.Zero => time + ClaimMargin,
            ListChangesRequest { Wait: { } wait } => usual + WaitOf(wait),
            _ => usual,
        };
    }

    /// <summary>How long the request asks the server to hold the answer, rounded up; zero for a wait that the server refuses.</summary>
    private static TimeSpan WaitOf(Duration wait) =>
        wait is { Seconds: >= 0 and <= 60, Nanos: >= 0 } && (wait.Seconds > 0 || wait.Nanos > 0)
        ? TimeSpan.FromSeconds(wait.Seconds + 1)
        : TimeSpan.Zero;
}
