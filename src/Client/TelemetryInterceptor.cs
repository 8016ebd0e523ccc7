using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace TaskGrpc.Client;

/// <summary>Traces every unary call as one activity, retries included. A watch is no activity: it has no end to wait for; it counts instead.</summary>
internal sealed class TelemetryInterceptor(Uri address) : Interceptor
{
    private static readonly ActivitySource Source = new(TaskGrpcTelemetry.ActivitySourceName);

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        using var activity = Start(context.Method);
        try
        {
            var response = continuation(request, context);
            Succeeded(activity);
            return response;
        }
        catch (RpcException exception)
        {
            Failed(activity, exception);
            throw;
        }
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        if (Start(context.Method) is not { } activity)
        {
            return continuation(request, context);
        }

        var call = continuation(request, context);
        // The activity was current while the call was made; what the caller does next is not part of it.
        Activity.Current = activity.Parent;
        return new AsyncUnaryCall<TResponse>(EndAsync(activity, call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private static async Task<T> EndAsync<T>(Activity activity, Task<T> response)
    {
        using (activity)
        {
            try
            {
                var result = await response.ConfigureAwait(false);
                Succeeded(activity);
                return result;
            }
            catch (RpcException exception)
            {
                Failed(activity, exception);
                throw;
            }
        }
    }

    private static void Succeeded(Activity? activity) => activity?.SetTag("rpc.grpc.status_code", (int)StatusCode.OK);

    private static void Failed(Activity? activity, RpcException exception) => activity?
        .SetTag("rpc.grpc.status_code", (int)exception.StatusCode)
        .SetTag("error.type", exception is TaskGrpcException { Reason: not V1.ErrorReason.Unspecified } refusal ? refusal.Reason.ToString() : exception.StatusCode.ToString())
        .SetStatus(ActivityStatusCode.Error);

    private Activity? Start(IMethod method) => Source.StartActivity($"{method.ServiceName}/{method.Name}", ActivityKind.Client)?
        .SetTag("rpc.system", "grpc")
        .SetTag("rpc.service", method.ServiceName)
        .SetTag("rpc.method", method.Name)
        .SetTag("server.address", address.Host)
        .SetTag("server.port", address.Port);
}
