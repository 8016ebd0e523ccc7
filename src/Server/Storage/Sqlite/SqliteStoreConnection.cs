using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>A connection to the file.</summary>
internal class SqliteStoreConnection(string connectionString) : StoreConnection
{
    private static readonly Dialect Sqlite = new()
    {
        // With an index on the organization, SQLite's planner would read all of its rows. The concatenation prevents that.
        IsOwn = "organization_id || '' = @organization",
        ChangeKey = "sequence",
        IsNotHeld = SqliteTables.NotHeld,
        BeginView = "BEGIN DEFERRED",
        EndView = "COMMIT",
    };

    private static readonly SqliteValues Stored = new();

    public override SqliteConnection Connection { get; } = SqliteConnections.Open(connectionString);

    public override Dialect Dialect => Sqlite;

    public override StoredValues Values => Stored;

    public override SqlitePointRead PointRead(string table) => new(Connection, table);

    public override IDisposable InterruptWhen(CancellationToken cancellationToken) => new SqliteInterrupt(Connection, cancellationToken);

    public override void Dispose()
    {
        base.Dispose();
        Connection.Dispose();
    }

    protected override SqliteTaskDb NewContext() => new(new DbContextOptionsBuilder<SqliteTaskDb>().UseSqlite(Connection).Options);
}
