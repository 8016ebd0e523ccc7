using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Keys;

namespace TaskGrpc.Server.Storage.Sqlite.Files;

/// <summary>
/// Replaces the database by a backup. Copying a backup by hand goes wrong if the old database's log stays: SQLite applies that log to the
/// backup, which undoes or destroys it.
/// </summary>
internal static class SqliteRestore
{
    /// <summary>
    /// 1. Locks the database, so that no server uses it. 2. Copies the backup beside it, checks the copy, and gives it new epochs. 3.
    /// Renames the copy to '.restored': from here on a server refuses to start until the restore is complete. 4. Moves the old database
    /// and its log aside. 5. Renames the copy to the database.
    /// </summary>
    /// <returns>The new path of the old database; null if there was none.</returns>
    /// <exception cref="RefusedToStartException">A server holds the database, or the file is not a backup. Nothing was
    /// changed.</exception>
    public static string? Run(string file, string database, TimeProvider time)
    {
        file = Path.GetFullPath(file);
        RequireBackup(file, database);
        OwnFiles.Folder(Path.GetDirectoryName(database)!);
        using var held = SqliteFileLock.Take(database);
        if (Directory.Exists(database))
        {
            throw new RefusedToStartException($"{database} is a folder, but must be a file. Move it away first.");
        }

        var partial = database + ".partial";
        try
        {
            Copy(file, partial);
            CheckAndRenew(partial, file);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }

        var ready = SqliteFiles.Restored(database);
        File.Move(partial, ready, overwrite: true);
        var aside = MoveAside(database, time);
        File.Move(ready, database);
        return aside;
    }

    private static void RequireBackup(string file, string database)
    {
        if (!File.Exists(file))
        {
            throw new RefusedToStartException($"There is no file {file}. Name a backup that the command 'backup' has written.");
        }

        if (file == database)
        {
            throw new RefusedToStartException($"{file} is the database itself. Name a backup.");
        }

        if (new FileInfo(SqliteFiles.Log(file)) is { Exists: true, Length: > 0 })
        {
            throw new RefusedToStartException(
                $"{file} has a log of changes beside it, so it is a database. Make a backup of it with 'backup', and restore that.");
        }
    }

    private static void Copy(string file, string partial)
    {
        using var from = File.OpenRead(file);
        using var to = OwnFiles.Open(partial, FileMode.Create);
        from.CopyTo(to);
        to.Flush(flushToDisk: true);
    }

    /// <summary>Works on the copy, so that the backup is only read.</summary>
    private static void CheckAndRenew(string partial, string file)
    {
        try
        {
            var copy = new SqliteConnectionStringBuilder { DataSource = partial, Mode = SqliteOpenMode.ReadWrite, Pooling = false };
            using var connection = new SqliteConnection(copy.ConnectionString);
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*) FROM sqlite_schema WHERE name = 'organizations'";
            // The server migrates a backup of an older release later. A backup of a newer release or of another program is refused here.
            if (!SqliteRelease.IsUpToDate(connection, file) && (long)command.ExecuteScalar()! == 0)
            {
                throw new RefusedToStartException(
                    $"{file} holds no database of this program. The database was not changed. Name a backup that the command 'backup' "
                        + "has written.");
            }

            command.CommandTimeout = 0;
            // A log beside the copy would have to move with it.
            command.CommandText = "PRAGMA journal_mode = DELETE; PRAGMA integrity_check(1)";
            if (LastAnswer(command) is not "ok" and var fault)
            {
                throw new RefusedToStartException($"{file} is damaged ({fault}). The database was not changed. Restore another backup.");
            }

            command.CommandText = $"PRAGMA synchronous = FULL; {SqliteBackup.RenewEpochs}";
            command.ExecuteNonQuery();
        }
        catch (SqliteException failure)
        {
            throw new RefusedToStartException(
                $"{file} cannot be restored ({failure.Message}). "
                + "The database was not changed. Name a complete backup, and check that the volume has room.",
                failure);
        }
    }

    private static string? LastAnswer(SqliteCommand command)
    {
        string? answer = null;
        using var reader = command.ExecuteReader();
        do
        {
            while (reader.Read())
            {
                answer = reader.GetString(0);
            }
        }
        while (reader.NextResult());
        return answer;
    }

    /// <summary>Moves the log first. If it stayed, SQLite would apply it to the next file at this path.</summary>
    private static string? MoveAside(string database, TimeProvider time)
    {
        var aside = $"{database}.before-{time.GetUtcNow():yyyyMMddTHHmmssfff}";
        var found = false;
        foreach (var (from, to) in new[]
        {
            (SqliteFiles.Log(database), SqliteFiles.Log(aside)),
            (SqliteFiles.Index(database), SqliteFiles.Index(aside)),
            (database, aside),
        })
        {
            if (File.Exists(from))
            {
                File.Move(from, to);
                found = true;
            }
        }

        return found ? aside : null;
    }
}
