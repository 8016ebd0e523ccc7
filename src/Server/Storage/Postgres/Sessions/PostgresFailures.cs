using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>Maps PostgreSQL's error codes (its documentation, appendix A).</summary>
internal static class PostgresFailures
{
    public static StorageFailure Classify(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.DiskFull => StorageFailure.Full,
        PostgresErrorCodes.LockNotAvailable => StorageFailure.Held,
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure =>
            StorageFailure.Busy,
        // FATAL and PANIC have ended the session.
        _ when error.InvariantSeverity != "ERROR" => StorageFailure.Lost,
        // Another session has changed rights or policies.
        PostgresErrorCodes.InsufficientPrivilege => StorageFailure.Lost,
        // Classes in which another session, or a later attempt, can succeed: the connection (08); a prepared statement that the database
        // has changed or lost (0A, 26); a standby, or a transaction that something else has ended (25, 40); resources (53); an operator
        // (57); the system (58, XX).
        ['0', '8' or 'A', ..] or ['2', '5' or '6', ..] or ['4', '0', ..] or ['5', '3' or '7' or '8', ..] or ['X', 'X', ..] =>
            StorageFailure.Lost,
        // The statement is wrong, or a trigger or a constraint refuses it, with any code. A retry would be rolled back too.
        _ => StorageFailure.Refused,
    };
}
