namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>The log messages of the store on PostgreSQL.</summary>
internal static partial class PostgresLog
{
    [LoggerMessage(401, LogLevel.Warning,
        "The start has waited {Seconds:F0} seconds for the migration lock or for the lock of a table. These database processes hold it: "
        + "{Blockers}. Another replica's migration ends by itself; end any other process with pg_terminate_backend.")]
    public static partial void MigrationWaits(this ILogger logger, double seconds, string blockers);

    [LoggerMessage(402, LogLevel.Warning, "The start has been migrating the schema for {Seconds:F0} seconds and continues.")]
    public static partial void MigrationRuns(this ILogger logger, double seconds);

    [LoggerMessage(403, LogLevel.Debug, "A rollback failed, so the server closes its connection.")]
    public static partial void RollbackFailed(this ILogger logger, Exception exception);
}
