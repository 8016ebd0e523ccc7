using Microsoft.Data.Sqlite;

namespace TaskGrpc.Server.Storage.Sqlite.Log;

/// <summary>
/// A read transaction on the newest state that stays open while nothing is written. Without it each read locks and unlocks the file: two
/// system calls in which readers wait for each other, a fifth of the cost of a Get. SQLite only counts the holders of a lock that this
/// process already has. The standing read keeps the WAL from starting over, so it is renewed after each commit and each copy.
/// </summary>
/// <param name="connect">Opens a connection for this read alone, on first use, so that a start does not wait for it.</param>
internal sealed class SqliteStandingRead(Func<SqliteStoreConnection> connect) : IDisposable
{
    private readonly Lock _gate = new();
    private SqliteStoreConnection? _db;
    private SqliteStatement? _read;

    /// <summary>Moves the read to the newest state. Never throws: without a standing read, each read takes its own lock.</summary>
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
                // The next read that needs an answer meets the same error and reports it.
                _read?.Reset();
            }
        }
    }

    /// <summary>Ends the read until the next <see cref="Renew"/>.</summary>
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
