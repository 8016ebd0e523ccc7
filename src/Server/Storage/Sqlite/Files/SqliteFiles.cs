using Microsoft.Data.Sqlite;
using SQLitePCL;
using TaskGrpc.Server.Storage.Keys;

namespace TaskGrpc.Server.Storage.Sqlite.Files;

/// <summary>The names of the files beside a database, and what to say of one that cannot be used.</summary>
internal static class SqliteFiles
{
    public const string Mend = "Restore a backup with the command 'restore FILE', or name another folder with Storage:DataDirectory.";

    public static string Log(string database) => database + "-wal";

    public static string Index(string database) => database + "-shm";

    /// <summary>A backup that is whole and ready to take the database's place. It exists only while a restore is under way, or was cut short.</summary>
    public static string Restored(string database) => database + ".restored";

    /// <summary>Makes the folder and the file, for their owner alone: SQLite gives its log and index the mode of the file.</summary>
    /// <exception cref="RefusedToStartException">They cannot be made or opened.</exception>
    public static void Prepare(string database)
    {
        if (Directory.Exists(database))
        {
            throw new RefusedToStartException(
                $"{database} is a folder, where the database's file should be. Move it away, or name another folder with Storage:DataDirectory.");
        }

        if (File.Exists(Restored(database)))
        {
            throw new RefusedToStartException($"A restore of {database} was cut short. Run 'restore FILE' again, then start.");
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

    /// <summary>What SQLite's refusal of a database means for the operator.</summary>
    public static RefusedToStartException Unusable(string database, SqliteException failure) => new(
        failure.SqliteErrorCode switch
        {
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => $"The database {database} is damaged ({failure.Message}). {Mend}",
            raw.SQLITE_FULL => $"The volume of the database {database} is full ({failure.Message}). Make room on it.",
            _ => $"The database {database} cannot be used ({failure.Message}). "
                + "See that the server's user may write to its folder and to the files beside it, and that the volume has room.",
        },
        failure);
}
