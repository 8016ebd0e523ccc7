namespace TaskGrpc.Client;

/// <summary>
/// The names of the client's activity source and meter, for OpenTelemetry: <c>tracing.AddSource(TaskGrpcTelemetry.ActivitySourceName)</c>
/// and <c>metrics.AddMeter(TaskGrpcTelemetry.MeterName)</c>. Without a listener the client records nothing.
/// </summary>
public static class TaskGrpcTelemetry
{
    /// <summary>
    /// The activity source: one activity for each unary call, retries included, by the semantic conventions for RPC, and one for each
    /// piece of work of a worker, with a link to the call that created it.
    /// </summary>
    public const string ActivitySourceName = "TaskGrpc.Client";

    /// <summary>
    /// The meter: <c>taskgrpc.client.watch.events</c> and <c>taskgrpc.client.watch.cuts</c> of watches,
    /// <c>taskgrpc.client.work.ended</c> of workers.
    /// </summary>
    public const string MeterName = "TaskGrpc.Client";
}
