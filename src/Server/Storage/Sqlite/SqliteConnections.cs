using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>Sets on every connection what durability and sharing rest on; most of it is per connection in SQLite.</summary>
internal static class SqliteConnections
{
    /// <summary>Older libraries may corrupt the database when the write-ahead log is reset (sqlite.org, 'WAL-reset bug').</summary>
    public static readonly Version OldestLibrary = new(3, 51, 3);

    // journal_size_limit is above the length that the WAL may reach (SqliteCheckpoints): to truncate it and let it grow again costs a
    // tenth of the commits. page_size is small, because rows are scattered over organizations and a commit writes a page for each row and
    // index entry. An existing database keeps its page size.
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
            throw new RefusedToStartException(
                $"The SQLite library is {version}, but this server needs {OldestLibrary} or later: older ones can corrupt the database "
                + "when the write-ahead log is reset. Use the library that comes with the server.");
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
