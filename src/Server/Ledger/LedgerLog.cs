namespace TaskGrpc.Server.Ledger;

/// <summary>What the ledger tells the operator. Never a payload.</summary>
internal static partial class LedgerLog
{
    [LoggerMessage(1, LogLevel.Critical, "The store failed during a commit of {Commands} commands; their outcome is unknown. The server stops serving; after a restart a retry with the same request_id finds out.")]
    public static partial void StoreBroken(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(2, LogLevel.Warning, "The disk is full: {Commands} commands were refused and left nothing behind. Reads and watches go on.")]
    public static partial void DiskFull(this ILogger logger, int commands);

    [LoggerMessage(3, LogLevel.Warning, "The database is held by somebody else: {Commands} commands were refused and left nothing behind.")]
    public static partial void DatabaseBusy(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(4, LogLevel.Warning, "A batch of {Commands} commands could not be written as a whole; each is tried alone.")]
    public static partial void BatchSplit(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(6, LogLevel.Warning, "The connection to the database was lost during a commit of {Commands} commands. Their outcome is found out over a new one.")]
    public static partial void ConnectionLost(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(7, LogLevel.Information, "The commit of {Commands} commands whose connection was lost is in the database.")]
    public static partial void CommitFound(this ILogger logger, int commands);

    [LoggerMessage(8, LogLevel.Warning, "The outcome of a commit could not be found out; its callers were told so.")]
    public static partial void OutcomeNotFound(this ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Error, "A commit of {Commands} commands failed unexpectedly; their callers were told that the outcome is unknown.")]
    public static partial void LaneFailed(this ILogger logger, Exception exception, int commands);

    [LoggerMessage(10, LogLevel.Error, "The database refused to remove what is past its time. It is tried again at the next turn.")]
    public static partial void UpkeepRefused(this ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Debug, "Forgot {Requests} request ids that were past their time.")]
    public static partial void RequestsExpired(this ILogger logger, int requests);
}
