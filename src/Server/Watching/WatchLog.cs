namespace TaskGrpc.Server.Watching;

/// <summary>What the watches tell the operator. Never a payload.</summary>
internal static partial class WatchLog
{
    [LoggerMessage(201, LogLevel.Debug, "Removed {Changes} changes that were past their retention.")]
    public static partial void LogCompacted(this ILogger logger, int changes);
}
