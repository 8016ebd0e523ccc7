using Microsoft.Data.Sqlite;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// Ends the statements that a connection runs once a token is cancelled; the commands themselves cannot, since SQLite runs them on the
/// caller's thread. The token is asked between steps: an interrupt sent from outside would be lost on a statement that is only about to begin.
/// </summary>
internal sealed class SqliteInterrupt : IDisposable
{
    /// <summary>How many steps of SQLite's machine pass between two questions: well under a millisecond.</summary>
    private const int Steps = 10_000;

    private readonly SqliteConnection _connection;

    public SqliteInterrupt(SqliteConnection connection, CancellationToken cancellationToken)
    {
        _connection = connection;
        SQLitePCL.raw.sqlite3_progress_handler(_connection.Handle, Steps, _ => cancellationToken.IsCancellationRequested ? 1 : 0, null);
    }

    public void Dispose() => SQLitePCL.raw.sqlite3_progress_handler(_connection.Handle, 0, null, null);
}
