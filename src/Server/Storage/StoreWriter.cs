using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Storage.Rows;

namespace TaskGrpc.Server.Storage;

/// <summary>The commit path's own connection with its prepared statements. Not thread-safe: one lane owns it.</summary>
internal sealed class StoreWriter : IDisposable
{
    private readonly TaskDb _db;
    private readonly DbConnection _connection;
    private readonly StoredValues _values;
    private readonly Dictionary<Type, RowStatements> _rows = [];
    private readonly PointReads _resources;
    private readonly Query _begin;
    private readonly Query _commit;
    private readonly Query _rollback;
    private readonly Query _advance;
    private readonly Query _findRequest;
    private readonly Query _expireRequests;
    private readonly LogCompaction _compaction;

    public StoreWriter(TaskDb db)
    {
        _db = db;
        _db.Database.OpenConnection();
        _connection = db.Database.GetDbConnection();
        _values = new StoredValues(db.Model);
        foreach (var entity in db.Model.GetEntityTypes())
        {
            _rows[entity.ClrType] = new RowStatements(_connection, entity);
        }

        _resources = new PointReads(_connection, db.Model, _values);
        _begin = new Query(_connection, "BEGIN IMMEDIATE");
        _commit = new Query(_connection, "COMMIT");
        _rollback = new Query(_connection, "ROLLBACK");
        _advance = new Query(
            _connection,
            """
            INSERT INTO organizations (id, revision, compacted_revision, epoch) VALUES (@id, @count, 0, @epoch)
            ON CONFLICT (id) DO UPDATE SET revision = revision + excluded.revision RETURNING revision
            """,
            "@id",
            "@count",
            "@epoch");
        _findRequest = new Query(
            _connection,
            "SELECT sequence, fingerprint, answer, created_at FROM requests WHERE request_id = @request AND organization_id = @organization AND caller = @caller",
            "@request",
            "@organization",
            "@caller");
        _expireRequests = new Query(
            _connection,
            "DELETE FROM requests WHERE sequence IN (SELECT sequence FROM requests ORDER BY sequence LIMIT @limit) AND created_at < @before",
            "@limit",
            "@before");
        _compaction = new LogCompaction(_connection, _values);
        Graph = new SubtaskGraph(_connection, _values);
        Schedule = new DeliverySchedule(_connection, _values);
        Executions = new ExecutionKeys(_connection, _values);
        Secrets = new SigningSecrets(_connection, _values);
    }

    /// <summary>What the graph of subtasks looks like to this transaction.</summary>
    public SubtaskGraph Graph { get; }

    /// <summary>What the schedule of delivery attempts looks like to this transaction.</summary>
    public DeliverySchedule Schedule { get; }

    /// <summary>What the task executions look like to this transaction.</summary>
    public ExecutionKeys Executions { get; }

    /// <summary>What the signing secrets look like to this transaction.</summary>
    public SigningSecrets Secrets { get; }

    public void Begin() => _begin.Execute();

    public void Commit() => _commit.Execute();

    /// <summary>Undoes the transaction, whether or not the database has already done so by itself; false if it can no longer be trusted.</summary>
    public bool TryRollback()
    {
        try
        {
            _rollback.Execute();
            return true;
        }
        catch (DbException exception)
        {
            // SQLite rolls back by itself on a full disk; then there is no transaction left to undo, and it says so.
            return StorageFailures.Classify(exception) == StorageFailure.Refused;
        }
    }

    public StoredBody? Find(Type row, string organizationId, Guid id) => _resources.Find(row, organizationId, id);

    /// <summary>Takes the organization's next <paramref name="count"/> revisions and returns the last of them.</summary>
    public long Advance(string organizationId, int count) =>
        (long)_advance.Scalar(organizationId, count, _values.Of(Guid.NewGuid()))!;

    public RequestRow? FindRequest(Guid requestId, string organizationId, string caller)
    {
        using var reader = _findRequest.Read(_values.Of(requestId), organizationId, caller);
        return !reader.Read() ? null : new RequestRow
        {
            Sequence = reader.GetInt64(0),
            RequestId = requestId,
            OrganizationId = organizationId,
            Caller = caller,
            Fingerprint = reader.GetFieldValue<byte[]>(1),
            Answer = reader.GetFieldValue<byte[]>(2),
            CreatedAt = _values.Moment(reader, 3),
        };
    }

    /// <summary>Forgets up to <paramref name="limit"/> of the oldest requests from before <paramref name="before"/> and returns how many.</summary>
    public int ExpireRequests(DateTimeOffset before, int limit) => _expireRequests.Execute(limit, _values.Of(before));

    /// <summary>Removes about <paramref name="limit"/> of the oldest changes from before <paramref name="before"/>, whole revisions, and returns how many.</summary>
    public int Compact(DateTimeOffset before, int limit) => _compaction.Run(before, limit);

    public void Insert(object row) => _rows[row.GetType()].Insert(row);

    public void Update(object row) => _rows[row.GetType()].Update(row);

    public void Delete(object row) => _rows[row.GetType()].Delete(row);

    public void Dispose()
    {
        foreach (var statements in _rows.Values)
        {
            statements.Dispose();
        }

        _resources.Dispose();
        _begin.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
        _advance.Dispose();
        _findRequest.Dispose();
        _expireRequests.Dispose();
        _compaction.Dispose();
        Graph.Dispose();
        Schedule.Dispose();
        Executions.Dispose();
        Secrets.Dispose();
        _db.Dispose();
    }
}
