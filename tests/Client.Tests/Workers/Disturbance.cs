using Grpc.Core;
using Grpc.Core.Interceptors;
using TaskGrpc.V1;

namespace TaskGrpc.Client.Tests.Workers;

/// <summary>Fails calls of a client, or loses their answers.</summary>
internal sealed class Disturbance : Interceptor
{
    private readonly TaskCompletionSource _isHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether heartbeats do not reach the server.</summary>
    public volatile bool LosesHeartbeats;

    /// <summary>How many answers of claims are lost from now on.</summary>
    public int LostClaims;

    /// <summary>Whether the next claim that gets work is never answered.</summary>
    public volatile bool HoldsClaim;

    /// <summary>Done when such a claim has been made.</summary>
    public Task IsHeld => _isHeld.Task;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        if (request is HeartbeatRequest && LosesHeartbeats)
        {
            return With(Task.FromException<TResponse>(Cut()));
        }

        if (request is not ClaimNextRequest)
        {
            return continuation(request, context);
        }

        var stop = context.Options.CancellationToken;
        if (HoldsClaim)
        {
            HoldsClaim = false;
            var claim = new ClientInterceptorContext<TRequest, TResponse>(
                context.Method, context.Host, context.Options.WithCancellationToken(CancellationToken.None));
            return With(HoldAsync(continuation(request, claim).ResponseAsync, stop));
        }

        return Interlocked.Decrement(ref LostClaims) >= 0 ? With(LoseAsync(continuation(request, context).ResponseAsync))
            : continuation(request, context);
    }

    private async Task<T> HoldAsync<T>(Task<T> answer, CancellationToken stop)
    {
        await answer;
        _isHeld.SetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        return await answer;
    }

    private static async Task<T> LoseAsync<T>(Task<T> answer)
    {
        await answer;
        throw Cut();
    }

    private static RpcException Cut() => new(new Status(StatusCode.Unavailable, "The test has cut the connection."));

    private static AsyncUnaryCall<T> With<T>(Task<T> answer) =>
        new(answer, Task.FromResult<Metadata>([]), () => Status.DefaultSuccess, () => [], () => { });
}
