using System.Diagnostics.Metrics;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>What watches count, and say in the log.</summary>
internal static partial class WatchTelemetry
{
    private static readonly Meter Meter = new(TaskGrpcTelemetry.MeterName);
    private static readonly Counter<long> Events = Meter.CreateCounter<long>("taskgrpc.client.watch.events", "{event}", "Events that watches received.");
    private static readonly Counter<long> Cuts = Meter.CreateCounter<long>("taskgrpc.client.watch.cuts", "{cut}", "Connections of watches that were lost, by status and reason; each is followed by another.");

    public static void Received(int events)
    {
        if (events > 0)
        {
            Events.Add(events);
        }
    }

    public static void Cut(TaskGrpcException cut) => Cuts.Add(1, new("rpc.grpc.status_code", (int)cut.StatusCode), new("error.type", cut.Reason.ToString()));

    [LoggerMessage(1, LogLevel.Warning, "A watch was cut ({Status}, {Reason}); it goes on in {Delay}.")]
    public static partial void WatchCut(this ILogger logger, StatusCode status, ErrorReason reason, TimeSpan delay);
}
