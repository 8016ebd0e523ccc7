namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>What the store on PostgreSQL tells the operator.</summary>
internal static partial class PostgresLog
{
    [LoggerMessage(401, LogLevel.Warning, "The start has waited {Seconds:F0} seconds for the database's migration lock or a table's. These processes of the database hold it: {Blockers}. If it is another replica's migration it will end; else end them with pg_terminate_backend.")]
    public static partial void MigrationWaits(this ILogger logger, double seconds, string blockers);

    [LoggerMessage(402, LogLevel.Warning, "The start has spent {Seconds:F0} seconds on bringing the schema up to date, and goes on.")]
    public static partial void MigrationRuns(this ILogger logger, double seconds);

    [LoggerMessage(403, LogLevel.Debug, "A rollback failed, so its connection is given up.")]
    public static partial void RollbackFailed(this ILogger logger, Exception exception);
}
