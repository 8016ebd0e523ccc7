using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;
using TaskGrpc.Server.Storage.Postgres.Sessions;

namespace TaskGrpc.Server.Storage;

/// <summary>What a failure of the database means for the command that met it.</summary>
internal enum StorageFailure
{
    /// <summary>The statement was refused and would be again. The transaction left nothing; the store is sound.</summary>
    Refused,

    /// <summary>The disk is full; the transaction left nothing.</summary>
    Full,

    /// <summary>Somebody else holds the database; the transaction left nothing.</summary>
    Busy,

    /// <summary>
    /// Somebody else holds the organization's rows. The transaction left nothing, and can be tried again once it is their turn.
    /// </summary>
    Held,

    /// <summary>The connection is lost, the database is not: over a new connection it tells what became of the transaction.</summary>
    Lost,

    /// <summary>The store cannot be trusted any more: whether the transaction will be there after a restart is unknown.</summary>
    Broken,
}

/// <summary>Reads the meaning out of the provider's own errors.</summary>
internal static class StorageFailures
{
    public static StorageFailure Classify(DbException exception) => exception switch
    {
        SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL } => StorageFailure.Full,
        SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED } => StorageFailure.Busy,
        SqliteException
        {
            SqliteErrorCode: SQLitePCL.raw.SQLITE_CONSTRAINT or SQLitePCL.raw.SQLITE_TOOBIG or SQLitePCL.raw.SQLITE_MISMATCH
            or SQLitePCL.raw.SQLITE_RANGE or SQLitePCL.raw.SQLITE_ERROR
        } => StorageFailure.Refused,
        PostgresException error => PostgresFailures.Classify(error),
        NpgsqlException => StorageFailure.Lost,
        _ => StorageFailure.Broken,
    };

    /// <summary>What a failure means that may be the store's; null if it is not. Keys in the database can be out of reach with it.</summary>
    public static StorageFailure? Of(Exception exception) => exception switch
    {
        DbException error => Classify(error),
        CryptographicException { InnerException: DbException } => StorageFailure.Lost,
        _ => null,
    };

    /// <summary>
    /// Whether the files of the keys cannot be used, so that nothing is wrong with what was to be sealed or opened. The server finds this out
    /// too, and stops.
    /// </summary>
    public static bool AreKeysUnusable(Exception exception) =>
        exception is CryptographicException { InnerException: IOException or UnauthorizedAccessException or RefusedToStartException };
}
