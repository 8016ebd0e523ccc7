namespace TaskGrpc.Server.Ledger;

/// <summary>What the ledger tells the operator. Never a payload.</summary>
internal static partial class LedgerLog
{
    [LoggerMessage(1, LogLevel.Critical, "The store failed during a commit of {Commands} commands; their outcome is unknown. The server stops serving; after a restart a retry with the same request_id finds out.")]
    public static partial void StoreBroken(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(2, LogLevel.Warning, "The store's disk is full: {Reason}. Changes are refused as STORAGE_FULL and leave nothing behind; reads and watches go on. The next line about this comes when it ends.")]
    public static partial void DiskFull(this ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Another session holds what commits need: {Reason}. Changes that wait for it in vain are refused as STORAGE_UNAVAILABLE and leave nothing behind. The next line about this comes when it ends.")]
    public static partial void DatabaseHeld(this ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Warning, "A batch of {Commands} commands could not be written as a whole; each is tried alone.")]
    public static partial void BatchSplit(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(6, LogLevel.Warning, "The database fails: {Reason}. Calls that need it are refused as STORAGE_UNAVAILABLE while that lasts. The next line about this comes when it ends.")]
    public static partial void DatabaseFails(this ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Warning, "The database answers again, after {Seconds:F0} seconds and {Failures} failures.")]
    public static partial void DatabaseAnswers(this ILogger logger, double seconds, long failures);

    [LoggerMessage(11, LogLevel.Warning, "The store's disk has room again, after {Seconds:F0} seconds and {Failures} failures.")]
    public static partial void DiskHasRoom(this ILogger logger, double seconds, long failures);

    [LoggerMessage(12, LogLevel.Warning, "Commits wait in vain for no other session any more, after {Seconds:F0} seconds and {Failures} failures.")]
    public static partial void DatabaseFree(this ILogger logger, double seconds, long failures);

    [LoggerMessage(13, LogLevel.Debug, "The store failed ({Failure}).")]
    public static partial void StoreFailure(this ILogger logger, Exception exception, Storage.StorageFailure failure);

    [LoggerMessage(7, LogLevel.Information, "The commit of {Commands} commands whose connection was lost is in the database.")]
    public static partial void CommitFound(this ILogger logger, int commands);

    [LoggerMessage(8, LogLevel.Warning, "The outcome of a commit could not be found out, and its callers were told so: {Reason}")]
    public static partial void OutcomeNotFound(this ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Error, "A commit of {Commands} commands failed unexpectedly; their callers were told that the outcome is unknown.")]
    public static partial void LaneFailed(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(14, LogLevel.Error, "The database refused to remove what is past its time. It is tried again at the next turn.")]
    public static partial void UpkeepRefused(this ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Debug, "Forgot {Requests} request ids that were past their time.")]
    public static partial void RequestsExpired(this ILogger logger, int requests);
}
