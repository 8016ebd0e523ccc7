using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>Reads PostgreSQL's error codes (its documentation, appendix A).</summary>
internal static class PostgresFailures
{
    public static StorageFailure Classify(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.DiskFull => StorageFailure.Full,
        PostgresErrorCodes.LockNotAvailable => StorageFailure.Held,
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure => StorageFailure.Busy,
        // A standby, where a primary was a moment ago; rights or policies that another session has changed; and a transaction that
        // something else has ended.
        PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InFailedSqlTransaction or PostgresErrorCodes.NoActiveSqlTransaction => StorageFailure.Lost,
        // By class: data exception, integrity constraint, syntax error or access rule, program limit.
        ['2', '2', ..] or ['2', '3', ..] or ['4', '2', ..] or ['5', '4', ..] => StorageFailure.Refused,
        _ => StorageFailure.Lost,
    };
}
