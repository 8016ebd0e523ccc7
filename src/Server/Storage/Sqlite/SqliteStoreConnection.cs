using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>A connection to the file.</summary>
internal class SqliteStoreConnection(string connectionString) : StoreConnection
{
    private static readonly Dialect Sqlite = new()
    {
        FoundOwner = SqliteText.Owner,
        LogOrder = "sequence",
        RequestOrder = "sequence",
        ChangeKey = "sequence",
        BeginView = "BEGIN DEFERRED",
        EndView = "COMMIT",
    };

    private static readonly SqliteValues Stored = new();

    public override SqliteConnection Connection { get; } = SqliteConnections.Open(connectionString);

    public override Dialect Dialect => Sqlite;

    public override StoredValues Values => Stored;

    public override SqlText NewText(string organizationId) => new SqliteText(organizationId);

    public override TableForm FormOf(Table table) => table.Sqlite;

    public override DbParameter Parameter(int place) =>
        new SqliteParameter(string.Create(CultureInfo.InvariantCulture, $"${place}"), null);

    public override IDisposable InterruptWhen(CancellationToken cancellationToken) => new SqliteInterrupt(Connection, cancellationToken);

    public override void Dispose()
    {
        base.Dispose();
        Connection.Dispose();
    }

    protected override SqlitePointRead PointRead(string table) => new(Connection, table);
}
