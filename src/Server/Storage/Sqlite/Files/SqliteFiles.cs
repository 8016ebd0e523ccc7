using Microsoft.Data.Sqlite;
using SQLitePCL;
using TaskGrpc.Server.Storage.Keys;

namespace TaskGrpc.Server.Storage.Sqlite.Files;

/// <summary>The names of the files beside a database, and the refusals of files that the server cannot use.</summary>
internal static class SqliteFiles
{
    public const string Mend = "Restore a backup with the command 'restore FILE', or name another folder with Storage:DataDirectory.";

    public static string Log(string database) => database + "-wal";

    public static string Index(string database) => database + "-shm";

    /// <summary>A complete backup that will replace the database. It exists during a restore, or after an interrupted one.</summary>
    public static string Restored(string database) => database + ".restored";

    /// <summary>Creates the file for its owner alone: SQLite gives its log and index the same mode.</summary>
    /// <exception cref="RefusedToStartException">The file cannot be created or opened.</exception>
    public static void Prepare(string database)
    {
        if (Directory.Exists(database))
        {
            throw new RefusedToStartException(
                $"{database} is a folder, but must be a file. Move it away, or name another folder with Storage:DataDirectory.");
        }

        if (File.Exists(Restored(database)))
        {
            throw new RefusedToStartException(
                $"A restore of {database} was interrupted. Run 'restore FILE' again, then start the server.");
        }

        try
        {
            if (!File.Exists(database))
            {
                OwnFiles.Open(database, FileMode.CreateNew).Dispose();
            }

            SqliteHeader.Check(database);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new RefusedToStartException(
                $"The database {database} cannot be opened ({failure.Message}). Let the server's user read and write it.", failure);
        }
    }

    /// <summary>Turns an error of SQLite into a refusal that tells the operator what to do.</summary>
    public static RefusedToStartException Unusable(string database, SqliteException failure) => new(
        failure.SqliteErrorCode switch
        {
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => $"The database {database} is damaged ({failure.Message}). {Mend}",
            raw.SQLITE_FULL => $"The volume of the database {database} is full ({failure.Message}). Make room on it.",
            _ => $"The database {database} cannot be used ({failure.Message}). "
                + "Check that the server's user may write to its folder and to the files beside it, and that the volume has room.",
        },
        failure);
}
