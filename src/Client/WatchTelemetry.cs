using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace TaskGrpc.Client;

/// <summary>The counters and log messages of watches.</summary>
internal static partial class WatchTelemetry
{
    private static readonly Meter Meter = new(TaskGrpcTelemetry.MeterName);
    private static readonly Counter<long> Events =
        Meter.CreateCounter<long>("taskgrpc.client.watch.events", "{event}", "Events that watches received.");

    private static readonly Counter<long> Cuts = Meter.CreateCounter<long>(
        "taskgrpc.client.watch.cuts", "{cut}", "Lost connections of watches, by status and reason; the watch connects again after each.");

    public static void Received(int events)
    {
        if (events > 0)
        {
            Events.Add(events);
        }
    }

    public static void Cut(TaskGrpcException cut) =>
        Cuts.Add(1, new("rpc.grpc.status_code", (int)cut.StatusCode), new("error.type", cut.Reason.ToString()));

    [LoggerMessage(1, LogLevel.Warning, "The connection of watches to {Address} was cut; they connect again. {Cause}")]
    public static partial void OutageBegan(this ILogger logger, Uri address, string cause);

    [LoggerMessage(2, LogLevel.Information, "All watches of {Address} are connected again, {Elapsed} after the first was cut.")]
    public static partial void OutageEnded(this ILogger logger, Uri address, TimeSpan elapsed);
}
