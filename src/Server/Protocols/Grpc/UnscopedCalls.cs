using Grpc.Core;
using Grpc.Core.Interceptors;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>
/// Runs health and reflection, which need no identity: bounds their streams, and turns their failures into refusals. It does not touch
/// calls of the contract.
/// </summary>
internal sealed class UnscopedCalls(GrpcCalls calls, UnidentifiedStreams streams) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        typeof(TResponse) == typeof(Answer) ? continuation(request, context) : UnaryAsync(request, context, continuation);

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) => typeof(TResponse) == typeof(Answer)
        ? continuation(request, responseStream, context)
        : StreamAsync(() => continuation(request, responseStream, context), context);

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        StreamAsync(() => continuation(requestStream, responseStream, context), context);

    private async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        where TRequest : class
        where TResponse : class
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception exception)
        {
            throw calls.Refused(exception, context);
        }
    }

    private async Task StreamAsync(Func<Task> stream, ServerCallContext context)
    {
        try
        {
            using var place = streams.Enter(new HttpCredentials(context.GetHttpContext()).RemoteAddress);
            await stream();
        }
        catch (Exception exception)
        {
            throw calls.Refused(exception, context);
        }
    }
}
