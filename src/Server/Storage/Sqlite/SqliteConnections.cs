using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>Sets what durability and sharing depend on. SQLite has most of these settings per connection.</summary>
internal sealed class SqliteConnections : DbConnectionInterceptor
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

    /// <summary>Opens a connection without EF.</summary>
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

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Prepare(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Prepare(connection);
        return Task.CompletedTask;
    }

    /// <exception cref="RefusedToStartException">The SQLite library is too old to use its WAL safely.</exception>
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

    private static void Prepare(DbConnection connection)
    {
        // EF checks for the database over a read-only connection, which cannot set these; a restored backup is not in WAL mode yet.
        if (new SqliteConnectionStringBuilder(connection.ConnectionString).Mode == SqliteOpenMode.ReadOnly)
        {
            return;
        }

        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
        // Without this, the planner reads the value bound to LIMIT, and SQLite prepares such a statement again for each value.
        raw.sqlite3_db_config(((SqliteConnection)connection).Handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);
    }
}
