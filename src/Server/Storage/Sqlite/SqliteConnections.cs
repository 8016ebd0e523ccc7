using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>Sets on every connection what durability and sharing rest on; most of it is per connection in SQLite.</summary>
internal static class SqliteConnections
{
    /// <summary>Older libraries may corrupt the database when the write-ahead log is reset (sqlite.org, 'WAL-reset bug').</summary>
    public static readonly Version OldestLibrary = new(3, 51, 3);

    // The limit is above the length that the log may reach (SqliteCheckpoints): a log that is cut and grows again costs a tenth of the commits.
    // Rows lie scattered over organizations, so a commit writes a page for each row and index entry: small pages are less to write. What
    // was created with larger ones keeps them.
    private const string Pragmas =
        """
        PRAGMA page_size = 2048;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA busy_timeout = 5000;
        PRAGMA foreign_keys = ON;
        PRAGMA journal_size_limit = 209715200;
        PRAGMA cache_size = -65536;
        """;

    public static SqliteConnection Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            Prepare(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <exception cref="RefusedToStartException">The SQLite library is too old to be trusted with the write-ahead log.</exception>
    public static void RequireSoundLibrary()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        var version = Version.Parse(connection.ServerVersion);
        if (version < OldestLibrary)
        {
            throw new RefusedToStartException($"The SQLite library is {version}, but {OldestLibrary} or later is needed: older ones can corrupt the database when the write-ahead log is reset.");
        }
    }

    private static void Prepare(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
        // Without it the planner looks at what LIMIT is bound to, and every statement with one is prepared anew each time it is bound.
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);
    }
}
