namespace TaskGrpc.Server.Watching;

/// <summary>What the watches tell the operator. Never a payload.</summary>
internal static partial class WatchLog
{
    [LoggerMessage(201, LogLevel.Debug, "Removed {Changes} changes that were past their retention.")]
    public static partial void LogCompacted(this ILogger logger, int changes);

    [LoggerMessage(205, LogLevel.Error, "The changes of another replica could not be read; the next poll tries again.")]
    public static partial void CatchUpFailed(this ILogger logger, Exception exception);

    [LoggerMessage(206, LogLevel.Error, "The log of organization {Organization} was given another epoch: it was restored or has lost its end. Its {Watches} watches on this server end with EPOCH_CHANGED.")]
    public static partial void EpochChanged(this ILogger logger, string organization, int watches);
}
