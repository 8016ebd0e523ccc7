using System.Data.Common;
using Npgsql;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage.Postgres.Sessions;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>A connection to the database, open.</summary>
internal sealed class PostgresStoreConnection(NpgsqlConnection connection, bool rowLevelSecurity) : StoreConnection
{
    private const string Moment = "ISOLATION LEVEL REPEATABLE READ READ ONLY";

    private static readonly Dialect Plain = new()
    {
        FoundOwner = PostgresText.Owner,
        ChangeKey = "organization_id, revision, ordinal",
        // By time, but never before a revision that came before it in its organization: clocks may have gone back.
        LogOrder = "max(changed_at) OVER (PARTITION BY organization_id ORDER BY revision), organization_id, revision, ordinal",
        RequestOrder = "created_at",
        BeginView = $"BEGIN {Moment}",
        EndView = "COMMIT",
    };

    // Each loan of a reader is a transaction that knows its organization, and each view in it is a transaction of its own.
    private static readonly Dialect Secured = Plain with
    {
        BeginRent = $"BEGIN; {RowSecurity.Tell}",
        EndRent = "COMMIT",
        BeginView = $"COMMIT; BEGIN {Moment}; {RowSecurity.Tell}",
        EndView = $"COMMIT; BEGIN; {RowSecurity.Tell}",
    };

    public override NpgsqlConnection Connection => connection;

    public override Dialect Dialect => rowLevelSecurity ? Secured : Plain;

    public override StoredValues Values => StoredValues.AsTheyAre;

    public override SqlText NewText(string organizationId) => new PostgresText(organizationId);

    public override TableForm FormOf(Table table) => table.Postgres;

    public override DbParameter Parameter(int place) => new NpgsqlParameter();

    public override IDisposable InterruptWhen(CancellationToken cancellationToken) => new PostgresInterrupt(Lists, cancellationToken);

    public override void Dispose()
    {
        base.Dispose();
        connection.Dispose();
    }

    protected override PostgresPointRead PointRead(string table) => new(connection, table);
}
