using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>Reads PostgreSQL's error codes (its documentation, appendix A).</summary>
internal static class PostgresFailures
{
    public static StorageFailure Classify(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.DiskFull => StorageFailure.Full,
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure => StorageFailure.Busy,
        // FATAL and PANIC have ended the session.
        _ when error.InvariantSeverity != "ERROR" => StorageFailure.Lost,
        // By class, what another session or another moment may answer: connection, a plan or statement that this session has and the database has
        // changed under it, a standby or a transaction that something else has ended, resources, an operator, the system, PostgreSQL's own bugs.
        ['0', '8', ..] or ['0', 'A', ..] or ['2', '5', ..] or ['2', '6', ..] or ['4', '0', ..] or ['5', '3', ..] or ['5', '7', ..] or ['5', '8', ..] or ['X', 'X', ..] => StorageFailure.Lost,
        // The statement was wrong, or a trigger or a constraint says so, with whatever code: the transaction is rolled back, and will be each time.
        _ => StorageFailure.Refused,
    };
}
