using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>Gives every mutation without a request_id one of its own, so that sending it again cannot do it twice.</summary>
internal sealed class RequestIdInterceptor(TimeProvider time) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(WithId(request), context);

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(WithId(request), context);

    private TRequest WithId<TRequest>(TRequest request)
    {
        if (request is not (IMutation { RequestId.Length: 0 } and IDeepCloneable<TRequest> cloneable))
        {
            return request;
        }

        // A copy, because the caller may send the same object again and mean a second task.
        var copy = cloneable.Clone();
        ((IMutation)copy!).RequestId = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        return copy;
    }
}
