using TaskGrpc.Server.Ledger.Schedule;

namespace TaskGrpc.Server.Ledger;

/// <summary>The ledger's log messages. Never a payload.</summary>
internal static partial class LedgerLog
{
    [LoggerMessage(
        1,
        LogLevel.Critical,
        "The store failed during a commit of {Commands} commands, so their outcome is unknown. The server shuts down. "
        + "After a restart, callers retry with the same request_id to find out.")]
    public static partial void StoreBroken(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "The store's disk is full: {Reason}. The server refuses changes with STORAGE_FULL and stores nothing of them; reads and watches "
        + "continue. It logs again when the disk has room.")]
    public static partial void DiskFull(this ILogger logger, string reason);

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "Another database session holds a lock that commits need: {Reason}. The server refuses changes that wait too long with "
        + "STORAGE_UNAVAILABLE and stores nothing of them. It logs again when the lock is free.")]
    public static partial void DatabaseHeld(this ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Warning, "A batch of {Commands} commands failed. The server tries each command alone.")]
    public static partial void BatchSplit(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "The database fails: {Reason}. Meanwhile the server refuses calls that need it with STORAGE_UNAVAILABLE. "
        + "It logs again when the database answers.")]
    public static partial void DatabaseFails(this ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Warning, "The database answers again, after {Seconds:F0} seconds and {Failures} failures.")]
    public static partial void DatabaseAnswers(this ILogger logger, double seconds, long failures);

    [LoggerMessage(11, LogLevel.Warning, "The store's disk has room again, after {Seconds:F0} seconds and {Failures} failures.")]
    public static partial void DiskHasRoom(this ILogger logger, double seconds, long failures);

    [LoggerMessage(12, LogLevel.Warning, "No other session blocks commits any more, after {Seconds:F0} seconds and {Failures} failures.")]
    public static partial void DatabaseFree(this ILogger logger, double seconds, long failures);

    [LoggerMessage(13, LogLevel.Debug, "The store failed ({Failure}).")]
    public static partial void StoreFailure(this ILogger logger, Exception exception, Storage.StorageFailure failure);

    [LoggerMessage(
        7, LogLevel.Information, "The connection was lost during a commit of {Commands} commands, but the commit is in the database.")]
    public static partial void CommitFound(this ILogger logger, int commands);

    [LoggerMessage(
        8, LogLevel.Warning, "The server could not find out the outcome of a commit, and its callers got STORAGE_UNAVAILABLE: {Reason}")]
    public static partial void OutcomeNotFound(this ILogger logger, string reason);

    [LoggerMessage(
        9, LogLevel.Error,
            "A commit of {Commands} commands failed unexpectedly. Callers got STORAGE_UNAVAILABLE: the outcome is unknown.")]
    public static partial void LaneFailed(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(14, LogLevel.Error, "The database refused to remove expired rows. The server tries again at the next interval.")]
    public static partial void UpkeepRefused(this ILogger logger, Exception exception);

    [LoggerMessage(
        16, LogLevel.Error, "A change that is due ({Purpose}) failed unexpectedly. The server tries it again at the next interval.")]
    public static partial void DueTimeFailed(this ILogger logger, Exception exception, SchedulePurpose purpose);

    [LoggerMessage(5, LogLevel.Debug, "Removed {Requests} expired request ids.")]
    public static partial void RequestsExpired(this ILogger logger, int requests);

    [LoggerMessage(
        15,
        LogLevel.Warning,
        "The server could not count the resources for the metric taskgrpc.resources: {Reason}. "
        + "It tries again after Metrics:ResourceInterval.")]
    public static partial void ResourcesNotCounted(this ILogger logger, string reason);
}
