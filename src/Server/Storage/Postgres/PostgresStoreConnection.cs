using System.Data.Common;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>A connection to the database, as EF's context opens it.</summary>
internal sealed class PostgresStoreConnection(PostgresTaskDb db) : StoreConnection
{
    private static readonly StoredValues AsTheyAre = new();

    public override DbConnection Connection => db.Connection;

    public override Dialect Dialect => db.Dialect;

    public override StoredValues Values => AsTheyAre;

    public override PostgresPointRead PointRead(string table) => new(db, table);

    public override IDisposable InterruptWhen(CancellationToken cancellationToken) => db.Running.InterruptWhen(cancellationToken);

    public override void Dispose()
    {
        base.Dispose();
        db.Dispose();
    }

    protected override TaskDb NewContext() => db;
}
