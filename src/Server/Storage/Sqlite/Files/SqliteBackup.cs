using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Keys;

namespace TaskGrpc.Server.Storage.Sqlite.Files;

/// <summary>
/// Writes a copy of the database file as of one moment, while a server may go on working. The copy has new epochs: a restored backup
/// lacks later changes, so no token of the old history may match it.
/// </summary>
internal static class SqliteBackup
{
    /// <summary>Gives every log a new epoch.</summary>
    public const string RenewEpochs = "UPDATE organizations SET epoch = randomblob(16)";

    /// <exception cref="RefusedToStartException">There is no database, or the backup cannot be written.</exception>
    public static void Write(string database, string file)
    {
        if (!File.Exists(database))
        {
            throw new RefusedToStartException($"There is no database at {database}. Name its folder with --Storage:DataDirectory=…");
        }

        file = Path.GetFullPath(file);
        if (Directory.Exists(file))
        {
            throw new RefusedToStartException($"{file} is a folder. Name a file in it that does not exist yet.");
        }

        if (File.Exists(file))
        {
            throw new RefusedToStartException($"{file} exists already. Name a file that does not exist yet.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(file)))
        {
            throw new RefusedToStartException(
                $"The folder {Path.GetDirectoryName(file)} does not exist. Create it, or name a file in another folder.");
        }

        // The file gets its real name once it is complete and on the disk.
        var partial = file + ".partial";
        try
        {
            // SQLite writes into the empty file and keeps its mode.
            OwnFiles.Open(partial, FileMode.Create).Dispose();
            Execute(database, "VACUUM INTO @file", ("@file", partial));
            Execute(partial, $"PRAGMA synchronous = FULL; {RenewEpochs}");
            File.Move(partial, file);
        }
        catch (SqliteException failure)
        {
            File.Delete(partial);
            throw new RefusedToStartException(
                $"{database} cannot be copied to {file} ({failure.Message}). "
                + $"Check that the volume of {file} has room, that {database} is not damaged, and that this user may read and write both.",
                failure);
        }
    }

    private static void Execute(string database, string sql, params (string Name, object Value)[] parameters)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = database,
                Mode = SqliteOpenMode.ReadWrite,
                Pooling = false
            }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}
