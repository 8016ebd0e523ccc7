namespace TaskGrpc.Client;

/// <summary>
/// The names under which the client traces and counts, for OpenTelemetry: <c>tracing.AddSource(TaskGrpcTelemetry.ActivitySourceName)</c> and
/// <c>metrics.AddMeter(TaskGrpcTelemetry.MeterName)</c>. Nothing is recorded while nobody listens.
/// </summary>
public static class TaskGrpcTelemetry
{
    /// <summary>The source of one activity for each unary call, with its retries, by the semantic conventions for RPC.</summary>
    public const string ActivitySourceName = "TaskGrpc.Client";

    /// <summary>The meter of the watches: <c>taskgrpc.client.watch.events</c> and <c>taskgrpc.client.watch.cuts</c>.</summary>
    public const string MeterName = "TaskGrpc.Client";
}
