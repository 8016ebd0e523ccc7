using Microsoft.Data.Sqlite;

namespace TaskGrpc.Server.Storage.Sqlite.Log;

/// <summary>
/// A read of the newest state that stays open while nothing is written. Each read takes a lock of the file and gives it back, two calls of
/// the system in which readers wait for each other: a fifth of what a Get cost. Of a lock that is held in this process, SQLite only counts
/// the holders. A standing read keeps nobody from anything but from beginning the log anew, so it moves on with each commit and each copy.
/// </summary>
/// <param name="connect">Opens a connection of its own; not before the first use, which is not for a start to wait for.</param>
internal sealed class SqliteStandingRead(Func<SqliteStoreConnection> connect) : IDisposable
{
    private readonly Lock _gate = new();
    private SqliteStoreConnection? _db;
    private SqliteStatement? _read;

    /// <summary>Reads the newest state from now on. Never throws: without a standing read, the others take their locks themselves.</summary>
    public void Renew()
    {
        lock (_gate)
        {
            try
            {
                _db ??= connect();
                _read ??= new SqliteStatement(_db.Connection, "SELECT 1 FROM sqlite_schema");
                _read.Reset();
                _read.Step();
            }
            catch (SqliteException)
            {
                // Whoever needs an answer of the database meets the same, and says so.
                _read?.Reset();
            }
        }
    }

    /// <summary>Lets go of the state that it reads.</summary>
    public void End()
    {
        lock (_gate)
        {
            _read?.Reset();
        }
    }

    public void Dispose()
    {
        _read?.Dispose();
        _db?.Dispose();
    }
}
