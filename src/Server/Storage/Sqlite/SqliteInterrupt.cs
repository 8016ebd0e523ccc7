using Microsoft.Data.Sqlite;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// Ends a connection's statements when a token is cancelled. Their commands cannot be cancelled, because SQLite runs them on the caller's
/// thread. SQLite checks the token between steps: an interrupt from outside would be lost on a statement that is about to begin.
/// </summary>
internal sealed class SqliteInterrupt : IDisposable
{
    /// <summary>How many steps of SQLite's virtual machine pass between two checks: well under a millisecond.</summary>
    private const int Steps = 10_000;

    private readonly SqliteConnection _connection;

    public SqliteInterrupt(SqliteConnection connection, CancellationToken cancellationToken)
    {
        _connection = connection;
        SQLitePCL.raw.sqlite3_progress_handler(_connection.Handle, Steps, _ => cancellationToken.IsCancellationRequested ? 1 : 0, null);
    }

    public void Dispose() => SQLitePCL.raw.sqlite3_progress_handler(_connection.Handle, 0, null, null);
}
