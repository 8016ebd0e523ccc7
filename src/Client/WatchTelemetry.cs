using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

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

    [LoggerMessage(1, LogLevel.Warning, "Watches of {Address} are cut and connect again by themselves. {Cause}")]
    public static partial void OutageBegan(this ILogger logger, Uri address, string cause);

    [LoggerMessage(2, LogLevel.Information, "No watch of {Address} is cut any more, {Elapsed} after the first was.")]
    public static partial void OutageEnded(this ILogger logger, Uri address, TimeSpan elapsed);
}
