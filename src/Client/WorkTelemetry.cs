using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>The activities, the counter and the log messages of workers.</summary>
internal static partial class WorkTelemetry
{
    private static readonly ActivitySource Source = new(TaskGrpcTelemetry.ActivitySourceName);
    private static readonly Meter Meter = new(TaskGrpcTelemetry.MeterName);
    private static readonly Counter<long> Ended =
        Meter.CreateCounter<long>("taskgrpc.client.work.ended", "{work}", "Pieces of work that workers have ended, by kind and outcome.");

    /// <summary>
    /// The activity of one piece of work; null without a listener. It begins a trace of its own, because work may run long after the call
    /// that created it, and links to that call.
    /// </summary>
    public static Activity? Start<T>(TaskGrpcWork<T> work)
        where T : class, IClaimable
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityLink[] links = ActivityContext.TryParse(work.Resource.Traceparent, null, isRemote: true, out var creation)
            ? [new(creation)] : [];
        Activity.Current = null;
        return Source.StartActivity(
            $"process {typeof(T).Name}",
            ActivityKind.Consumer,
            parentContext: default,
            tags:
            [
                new("taskgrpc.kind", typeof(T).Name),
                new("taskgrpc.id", work.Resource.Id),
                new("taskgrpc.lease_revision", work.LeaseRevision),
                new("taskgrpc.claim_count", work.ClaimCount),
            ],
            links: links);
    }

    public static void End<T>(Activity? activity, WorkOutcome outcome, Exception? failure)
    {
        var name = outcome.ToString().ToLowerInvariant();
        Ended.Add(1, new("taskgrpc.kind", typeof(T).Name), new("taskgrpc.outcome", name));
        activity?.SetTag("taskgrpc.outcome", name);
        if (outcome is WorkOutcome.Failed or WorkOutcome.Lost or WorkOutcome.Unknown)
        {
            activity?.SetTag("error.type", failure?.GetType().FullName ?? name).SetStatus(ActivityStatusCode.Error, failure?.Message);
        }
    }

    [LoggerMessage(10, LogLevel.Information, "{Worker} claims {Kind} with the filter '{Filter}', at most {Concurrency} at once.")]
    public static partial void WorkerBegins(this ILogger logger, string worker, ResourceKind kind, string filter, int concurrency);

    [LoggerMessage(11, LogLevel.Information, "{Worker} stops: {Count} handlers are running.")]
    public static partial void WorkerStops(this ILogger logger, string worker, int count);

    [LoggerMessage(12, LogLevel.Warning, "{Worker} cannot claim {Kind} now, and tries again. {Cause}")]
    public static partial void ClaimFails(this ILogger logger, string worker, ResourceKind kind, string cause);

    [LoggerMessage(13, LogLevel.Information, "{Worker} can claim {Kind} again.")]
    public static partial void ClaimsAgain(this ILogger logger, string worker, ResourceKind kind);

    [LoggerMessage(14, LogLevel.Information, "{Kind} '{Id}' ended: {Outcome}, now in {Status}.")]
    public static partial void WorkEnded(this ILogger logger, string kind, string id, WorkOutcome outcome, string status);

    [LoggerMessage(15, LogLevel.Error, "The handler of {Kind} '{Id}' failed.")]
    public static partial void HandlerFailed(this ILogger logger, string kind, string id, Exception failure);

    [LoggerMessage(16, LogLevel.Warning, "The lease of {Kind} '{Id}' is lost, so nothing of its work is written.")]
    public static partial void WorkLost(this ILogger logger, string kind, string id, Exception? failure);

    [LoggerMessage(17, LogLevel.Error, "The end of {Kind} '{Id}' could not be written. Its lease expires, and the work is claimed again.")]
    public static partial void EndNotWritten(this ILogger logger, string kind, string id, Exception failure);

    [LoggerMessage(18, LogLevel.Warning,
        "The handler of {Kind} '{Id}' has not returned {Grace} after its token was cancelled. The worker gives its work back.")]
    public static partial void HandlerStays(this ILogger logger, string kind, string id, TimeSpan grace);

    [LoggerMessage(19, LogLevel.Warning,
        "{Kind} '{Id}' was claimed again while an earlier handler of it still runs in this worker. The worker gives it back. Let handlers "
        + "return when their token is cancelled.")]
    public static partial void HandlerOverlaps(this ILogger logger, string kind, string id);
}
