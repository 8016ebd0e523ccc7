namespace TaskGrpc.Server.Watching;

/// <summary>The log messages of watches. Never a payload.</summary>
internal static partial class WatchLog
{
    [LoggerMessage(201, LogLevel.Debug, "Removed {Changes} changes that were older than the retention.")]
    public static partial void LogCompacted(this ILogger logger, int changes);

    [LoggerMessage(205, LogLevel.Error, "The server could not read the changes of another replica; it tries again.")]
    public static partial void CatchUpFailed(this ILogger logger, Exception exception);

    [LoggerMessage(206, LogLevel.Error,
        "The log of organization {Organization} has a new epoch: it was restored or has lost its end. "
        + "Its {Watches} watches on this server end with EPOCH_CHANGED.")]
    public static partial void EpochChanged(this ILogger logger, string organization, int watches);
}
