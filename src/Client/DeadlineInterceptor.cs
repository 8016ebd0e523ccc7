using Grpc.Core;
using Grpc.Core.Interceptors;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>Gives every unary call without a deadline one, so that no program waits for ever for a server that is gone.</summary>
internal sealed class DeadlineInterceptor(TimeSpan timeout, TimeProvider time) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, WithDeadline(request, context));

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, WithDeadline(request, context));

    private ClientInterceptorContext<TRequest, TResponse> WithDeadline<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class =>
        context.Options.Deadline is not null || timeout == Timeout.InfiniteTimeSpan
            ? context
            : new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, context.Options.WithDeadline(time.GetUtcNow().UtcDateTime + timeout + WaitOf(request)));

    /// <summary>How long the caller asks the server to hold the answer.</summary>
    private static TimeSpan WaitOf(object request) => request is ListChangesRequest { Wait.Seconds: > 0 and <= 60 and var seconds } ? TimeSpan.FromSeconds(seconds + 1) : TimeSpan.Zero;
}
