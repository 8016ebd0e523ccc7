using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// Every call of the stubs begins here. The invoker copies the request, and adds a request_id to a mutation and a deadline to a unary call
/// that has none. <see cref="UnaryCall{TRequest, TResponse}"/> and <see cref="ServerStream{TRequest, TResponse}"/> do the rest.
/// </summary>
internal sealed class TaskGrpcInvoker(CallInvoker inner, ClientState client) : CallInvoker
{
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
        options.Deadline is not null || client.Options.CallTimeout == Timeout.InfiniteTimeSpan
        ? options
        : options.WithDeadline(client.Options.TimeProvider.GetUtcNow().UtcDateTime + client.Options.CallTimeout + WaitOf(request));

    /// <summary>How long the request asks the server to hold the answer.</summary>
    private static TimeSpan WaitOf<TRequest>(TRequest request) =>
        request is ListChangesRequest { Wait.Seconds: > 0 and <= 60 and var seconds }
        ? TimeSpan.FromSeconds(seconds + 1)
        : TimeSpan.Zero;
}
