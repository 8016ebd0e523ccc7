using Microsoft.Data.Sqlite;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// Writes a copy of the database file as it is at one moment, beside a server that goes on working. Its epochs are new: a restored backup
/// lacks what came after it, and no token of the old history may seem to fit.
/// </summary>
internal static class SqliteBackup
{
    /// <exception cref="RefusedToStartException">There is no database, or something stands in the way.</exception>
    public static void Write(string database, string file)
    {
        if (!File.Exists(database))
        {
            throw new RefusedToStartException($"There is no database at {database}. Name its folder with --Storage:DataDirectory=…");
        }

        if (File.Exists(file))
        {
            throw new RefusedToStartException($"{file} exists already. Name a file that does not.");
        }

        // Under another name until it is whole and on the disk.
        var partial = file + ".partial";
        File.Delete(partial);
        Execute(database, "VACUUM INTO @file", ("@file", partial));
        Execute(partial, "PRAGMA synchronous = FULL; UPDATE organizations SET epoch = randomblob(16)");
        File.Move(partial, file);
    }

    private static void Execute(string database, string sql, params (string Name, object Value)[] parameters)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
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
