using Microsoft.Data.Sqlite;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// A read of the newest state that stays open while nothing is written. Each read takes a lock of the file and gives it back, two calls of
/// the system in which readers wait for each other: a fifth of what a Get cost. Of a lock that is held in this process, SQLite only counts
/// the holders. A standing read keeps nobody from anything but from beginning the log anew, so it moves on with each commit and each copy.
/// </summary>
internal sealed class SqliteStandingRead(SqliteTaskDb db) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteStatement _read = new((SqliteConnection)db.Connection, "SELECT 1 FROM sqlite_schema");

    /// <summary>Reads the newest state from now on. Never throws: without a standing read, the others take their locks themselves.</summary>
    public void Renew()
    {
        lock (_gate)
        {
            _read.Reset();
            try
            {
                _read.Step();
            }
            catch (SqliteException)
            {
                // Whoever needs an answer of the database meets the same, and says so.
                _read.Reset();
            }
        }
    }

    /// <summary>Lets go of the state that it reads.</summary>
    public void End()
    {
        lock (_gate)
        {
            _read.Reset();
        }
    }

    public void Dispose()
    {
        _read.Dispose();
        db.Dispose();
    }
}
