using System.Diagnostics;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// Traces every unary call as one activity, retries included. A watch has no end, so it has counters and no activity.
/// </summary>
internal static class CallTelemetry
{
    private static readonly ActivitySource Source = new(TaskGrpcTelemetry.ActivitySourceName);

    /// <summary>The activity of a call; null without a listener.</summary>
    public static Activity? Start(IMethod method, Uri address) => !Source.HasListeners()
        ? null
        : Source.StartActivity($"{method.ServiceName}/{method.Name}", ActivityKind.Client)?
            .SetTag("rpc.system", "grpc")
            .SetTag("rpc.service", method.ServiceName)
            .SetTag("rpc.method", method.Name)
            .SetTag("server.address", address.Host)
            .SetTag("server.port", address.Port);

    public static void Succeeded(Activity? activity) => activity?.SetTag("rpc.grpc.status_code", (int)StatusCode.OK);

    public static void Failed(Activity? activity, Exception exception)
    {
        if (activity is null)
        {
            return;
        }

        var code = exception is OperationCanceledException ? StatusCode.Cancelled : (exception as RpcException)?.StatusCode;
        var reason = (exception as TaskGrpcException)?.Reason ?? ErrorReason.Unspecified;
        var type = reason != ErrorReason.Unspecified ? reason.ToString() : code?.ToString() ?? exception.GetType().FullName;
        if (code is not null)
        {
            activity.SetTag("rpc.grpc.status_code", (int)code);
        }

        activity.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error, exception.Message);
    }
}
