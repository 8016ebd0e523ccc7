using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;
using TaskGrpc.Server.Storage.Postgres.Sessions;

namespace TaskGrpc.Server.Storage;

/// <summary>What a failure of the database means for the command.</summary>
internal enum StorageFailure
{
    /// <summary>The database refused the statement, and would again. Nothing of the transaction is stored; the store is sound.</summary>
    Refused,

    /// <summary>The disk is full. Nothing of the transaction is stored.</summary>
    Full,

    /// <summary>Another session holds the database. Nothing of the transaction is stored.</summary>
    Busy,

    /// <summary>Another session holds the organization's rows. Nothing of the transaction is stored; a retry can succeed.</summary>
    Held,

    /// <summary>The connection is lost. Over a new connection the database can tell whether the transaction was committed.</summary>
    Lost,

    /// <summary>The store can no longer be trusted. It is unknown whether the transaction will be there after a restart.</summary>
    Broken,
}

/// <summary>Maps the providers' errors to their meaning.</summary>
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

    /// <summary>The meaning of an exception; null if it is not a failure of the store. Keys in the database belong to the store.</summary>
    public static StorageFailure? Of(Exception exception) => exception switch
    {
        DbException error => Classify(error),
        CryptographicException { InnerException: DbException } => StorageFailure.Lost,
        _ => null,
    };

    /// <summary>
    /// Whether the server cannot use the key files. The data that it was encrypting or decrypting is not at fault. The server notices
    /// this too, and stops.
    /// </summary>
    public static bool AreKeysUnusable(Exception exception) =>
        exception is CryptographicException { InnerException: IOException or UnauthorizedAccessException or RefusedToStartException };
}
