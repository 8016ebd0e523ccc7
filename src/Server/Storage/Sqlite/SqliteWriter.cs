using System.Data.Common;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;
using TaskGrpc.Server.Storage.Sqlite.Log;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>The commit path on SQLite. Each statement runs at once, because the database is in this process.</summary>
internal class SqliteWriter : StoreWriter
{
    private readonly Dictionary<Table, SqliteRowStatements> _rows;
    private readonly Query _begin;
    private readonly Query _commit;
    private readonly Query _rollback;
    private readonly Query _head;
    private readonly Query _advance;
    private readonly Query _found;
    private readonly Query _findRequest;
    private readonly Query _expireRequests;
    private readonly SqliteLogCompaction _compaction;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly Query _look;
    private readonly Query _copy;

    /// <param name="db">The writer's connection.</param>
    /// <param name="checkpoints">Checkpoints the WAL beside the writer, which disposes of it.</param>
    public SqliteWriter(SqliteStoreConnection db, SqliteCheckpoints checkpoints)
        : base(db)
    {
        _checkpoints = checkpoints;
        using (var manually = new Query(db.Connection, "PRAGMA wal_autocheckpoint = 0"))
        {
            manually.Execute();
        }

        (_look, _copy) = (SqliteCheckpoints.Look(db), SqliteCheckpoints.Copy(db));
        _rows = Tables.All.ToDictionary(table => table, table => new SqliteRowStatements(db.Connection, table));
        _begin = db.Prepare("BEGIN IMMEDIATE");
        _commit = db.Prepare("COMMIT");
        _rollback = db.Prepare("ROLLBACK");
        // Three plain statements instead of one upsert with RETURNING: for that, SQLite keeps a second copy of each page that it touches,
        // to be able to undo the statement alone.
        _head = db.Prepare("SELECT revision FROM organizations WHERE id = @id", "@id");
        _advance = db.Prepare("UPDATE organizations SET revision = @revision WHERE id = @id", "@revision", "@id");
        _found = db.Prepare(
            $"""
            INSERT INTO organizations (id, revision, compacted_revision, epoch)
            SELECT @id, @revision, 0, epoch FROM organizations WHERE id = '{OrganizationRow.Store}'
            """,
            "@id", "@revision");
        _findRequest = db.Prepare(
            "SELECT sequence, fingerprint, answer, created_at FROM requests WHERE request_id = @request AND organization_id = "
            + "@organization AND caller = @caller",
            "@request", "@organization", "@caller");
        _expireRequests = db.Prepare(
            "DELETE FROM requests WHERE sequence IN (SELECT sequence FROM requests ORDER BY sequence LIMIT @limit) AND created_at < "
            + "@before",
            "@limit", "@before");
        _compaction = new SqliteLogCompaction(db, Values);
    }

    public override void Begin(string organizationId, Foreseen foreseen, TimeSpan? patience = null)
    {
        _checkpoints.ThrowIfFailed();
        _begin.Execute();
    }

    public override void Send()
    {
    }

    public override void Commit() => _commit.Execute();

    public override void AfterCommit() => _checkpoints.Committed(_look, _copy);

    public override bool TryRollback()
    {
        try
        {
            _rollback.Execute();
            return true;
        }
        catch (DbException exception)
        {
            // On a full disk SQLite rolls back by itself. Then ROLLBACK fails, because there is no transaction.
            return StorageFailures.Classify(exception) == StorageFailure.Refused;
        }
    }

    public override long Revision(string organizationId) => (long?)_head.Scalar(organizationId) ?? 0;

    public override long Advance(string organizationId, int count)
    {
        var head = (long?)_head.Scalar(organizationId);
        var revision = (head ?? 0) + count;
        if (head is null)
        {
            _found.Execute(organizationId, revision);
        }
        else
        {
            _advance.Execute(revision, organizationId);
        }

        return revision;
    }

    public override RequestRow? FindRequest(Guid requestId, string organizationId, string caller)
    {
        using var reader = _findRequest.Read(requestId, organizationId, caller);
        return !reader.Read() ? null : new RequestRow
        {
            Sequence = reader.GetInt64(0),
            RequestId = requestId,
            OrganizationId = organizationId,
            Caller = caller,
            Fingerprint = reader.GetFieldValue<byte[]>(1),
            Answer = reader.GetFieldValue<byte[]>(2),
            CreatedAt = Values.Moment(reader, 3),
        };
    }

    public override int ExpireRequests(DateTimeOffset before, int limit) => _expireRequests.Execute(limit, before);

    public override int Compact(DateTimeOffset before, int limit) => _compaction.Run(before, limit);

    public override void Insert(object row) => _rows[Tables.Of(row)].Insert(row);

    public override bool WritesOnlyChanges => true;

    public override void Update(object row) => _rows[Tables.Of(row)].Update(row);

    public override void Delete(object row) => _rows[Tables.Of(row)].Delete(row);

    public override void Dispose()
    {
        foreach (var statements in _rows.Values)
        {
            statements.Dispose();
        }

        _checkpoints.Dispose();
        base.Dispose();
    }
}
