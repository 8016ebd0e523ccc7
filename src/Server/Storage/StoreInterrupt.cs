using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace TaskGrpc.Server.Storage;

/// <summary>Ends the statement that a connection is running; the commands themselves cannot, since SQLite runs them on the caller's thread.</summary>
internal static class StoreInterrupt
{
    public static CancellationTokenRegistration On(DbConnection connection, CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static running => SQLitePCL.raw.sqlite3_interrupt(((SqliteConnection)running!).Handle), connection);
}
