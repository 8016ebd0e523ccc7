using System.Data;
using Npgsql;
using TaskGrpc.Server.Storage.Postgres.Replicas;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>
/// The commit path on PostgreSQL, in three round trips for a batch of any size. (1) Lock the organization's counter row and read what the
/// commands will need. (2) Write all changes. (3) COMMIT.
/// </summary>
internal sealed class PostgresWriter : StoreWriter
{
    private const string Advanced = "UPDATE organizations SET revision = $1 WHERE id = $2";

    private readonly NpgsqlConnection _connection;
    private readonly PostgresBegin _begin;
    private readonly SeenHeads _heads;
    private readonly ILogger _logger;
    private readonly PendingRows _pending;
    private readonly PostgresUpkeep _upkeep;
    private readonly Query _commit;
    private readonly Query _rollback;
    private Begun _begun = Begun.Nothing;
    private long _revision;
    private long _writtenRevision;

    public PostgresWriter(PostgresStoreConnection db, SeenHeads heads, ILogger logger)
        : base(db)
    {
        _connection = db.Connection;
        (_heads, _logger) = (heads, logger);
        _begin = new PostgresBegin(db, Values, heads);
        _pending = new PendingRows(Tables.All.ToDictionary(table => table, table => new PostgresRowStatements(table)));
        _upkeep = new PostgresUpkeep(db);
        _commit = db.Prepare("COMMIT");
        _rollback = db.Prepare("ROLLBACK");
    }

    public override void Begin(string organizationId, Foreseen foreseen, TimeSpan? patience = null)
    {
        _pending.Clear();
        _begun = _begin.Run(organizationId, foreseen, patience);
        _revision = _writtenRevision = _begun.Head.Revision;
    }

    public override void Send()
    {
        if (_revision == _writtenRevision && _pending.IsEmpty)
        {
            return;
        }

        using var batch = _connection.CreateBatch();
        if (_revision != _writtenRevision)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Advanced)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = _revision },
                    new NpgsqlParameter<string> { TypedValue = _begun.OrganizationId } },
            });
            _writtenRevision = _revision;
        }

        var expected = _pending.AddTo(batch);
        batch.ExecuteNonQuery();
        if (expected.Find(statement => statement.Command.RecordsAffected != statement.Rows) is { Command: { } odd, Rows: var rows })
        {
            throw new RowMismatchException(
                $"A statement of the commit path changed {odd.RecordsAffected} rows instead of {rows}: {odd.CommandText}");
        }
    }

    public override void Commit()
    {
        Send();
        _commit.Execute();
        if (_begun.OrganizationId.Length > 0)
        {
            _heads.Note(_begun.OrganizationId, _begun.Head with { Revision = _revision });
        }
    }

    public override bool TryRollback()
    {
        _pending.Clear();
        if (_connection.State != ConnectionState.Open)
        {
            return false;
        }

        try
        {
            _rollback.Execute();
            return true;
        }
        catch (Exception exception)
        {
            // After any failure the transaction may still be open. Closing the connection ends it.
            _logger.RollbackFailed(exception);
            return false;
        }
    }

    public override StoredBody? Find(Table table, string organizationId, Guid id) =>
        _begun.Resources.TryGetValue((table, id), out var known) ? known : base.Find(table, organizationId, id);

    public override Guid? FindKey(Table table, string organizationId, string key) =>
        _begun.Keys.TryGetValue((table, key), out var known) ? known : base.FindKey(table, organizationId, key);

    public override void Foresee(Table table, Guid[] ids) => _begin.Fetch(_begun, table, ids);

    public override LeaseRow? FindLease(string organizationId, Guid id) =>
        _begun.Leases.TryGetValue(id, out var known) ? known : base.FindLease(organizationId, id);

    public override long Revision(string organizationId) => _revision;

    public override long Advance(string organizationId, int count) => organizationId == _begun.OrganizationId
        ? _revision += count
        : throw new InvalidOperationException("A transaction can change only the organization whose counter row it has locked.");

    public override RequestRow? FindRequest(Guid requestId, string organizationId, string caller) =>
        _begun.Requests.TryGetValue((requestId, caller), out var known) ? known
        : _begun.Asked.Contains(requestId) ? null
        : _begin.FindRequest(requestId, organizationId, caller);

    public override int ExpireRequests(DateTimeOffset before, int limit) => _upkeep.ExpireRequests(before, limit);

    public override int Compact(DateTimeOffset before, int limit) => _upkeep.Compact(before, limit);

    public override void Insert(object row) => _pending.Add(PendingRows.Kind.Insert, row);

    public override void Update(object row) => _pending.Add(PendingRows.Kind.Update, row);

    public override void Delete(object row) => _pending.Add(PendingRows.Kind.Delete, row);
}
