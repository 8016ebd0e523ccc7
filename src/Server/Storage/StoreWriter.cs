using System.Data.Common;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage;

/// <summary>The commit path's own connection with its prepared statements. Not thread-safe: one worker owns it.</summary>
internal abstract class StoreWriter : IDisposable
{
    private readonly StoreConnection _connection;
    private readonly Query _change;
    private readonly Query _lease;
    private readonly Dictionary<Table, Query> _keys = [];

    protected StoreWriter(StoreConnection db)
    {
        _connection = db;
        Values = db.Values;
        _lease = db.Prepare(
            $"SELECT {LeaseRow.Columns} FROM leases WHERE organization_id = @organization AND resource_id = @id", "@organization", "@id");
        _change = db.Prepare(
            "SELECT body FROM changes WHERE organization_id = @organization AND revision = @revision AND ordinal = @ordinal",
            "@organization", "@revision", "@ordinal");
    }

    /// <summary>A kind's own statements in this transaction. They see everything that the transaction has written.</summary>
    public T Query<T>()
        where T : class, IStatements<T>
    {
        Send();
        return _connection.Statements<T>();
    }

    public StoredValues Values { get; }

    /// <summary>Begins a transaction that may change one organization, or none if the name is empty.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="foreseen">What its commands will read.</param>
    /// <param name="patience">How long to wait for another replica that is changing the organization; null for the connection's lock
    /// timeout.</param>
    public abstract void Begin(string organizationId, Foreseen foreseen, TimeSpan? patience = null);

    /// <summary>Sends all pending writes to the database. They take effect with <see cref="Commit"/>.</summary>
    public abstract void Send();

    public abstract void Commit();

    /// <summary>Runs between two transactions, after the answers. Does not throw: the next <see cref="Begin"/> reports failures.</summary>
    public virtual void AfterCommit()
    {
    }

    /// <summary>Rolls back, unless the database has already done so; false if the connection can no longer be trusted.</summary>
    public abstract bool TryRollback();

    /// <summary>Fetches resources that are going to be looked up, all at once, where each look-up would be a round trip.</summary>
    public virtual void Foresee(Table table, Guid[] ids)
    {
    }

    public virtual StoredBody? Find(Table table, string organizationId, Guid id) => _connection.Find(table, organizationId, id);

    /// <summary>The resource with an external key, deleted or not; null if the key is free.</summary>
    public virtual Guid? FindKey(Table table, string organizationId, string key)
    {
        if (!_keys.TryGetValue(table, out var query))
        {
            const string condition = "organization_id = @organization AND external_key = @key";
            _keys[table] = query = _connection.Prepare($"SELECT id FROM {table.Name} WHERE {condition}", "@organization", "@key");
        }

        return Values.IdOrNull(query.Read(organizationId, key));
    }

    /// <summary>A resource's lease; null if it has none.</summary>
    public virtual LeaseRow? FindLease(string organizationId, Guid id)
    {
        using var reader = _lease.Read(organizationId, id);
        return reader.Read() ? LeaseRow.Of(reader, Values, organizationId, id) : null;
    }

    /// <summary>Begins a list of one organization's rows, as the transaction sees them without its pending writes.</summary>
    public SqlText NewList(string organizationId) => _connection.NewText(organizationId);

    /// <summary>Runs a question.</summary>
    public DbDataReader Read(SqlText text) => _connection.Lists.Read(text);

    /// <summary>A change of the log as its message's bytes; null if there is none at this place.</summary>
    public byte[]? FindChange(string organizationId, long revision, int ordinal) =>
        (byte[]?)_change.Scalar(organizationId, revision, ordinal);

    /// <summary>The organization's last revision in this transaction; 0 before its first change.</summary>
    public abstract long Revision(string organizationId);

    /// <summary>Takes the organization's next <paramref name="count"/> revisions and returns the last of them.</summary>
    public abstract long Advance(string organizationId, int count);

    public abstract RequestRow? FindRequest(Guid requestId, string organizationId, string caller);

    /// <summary>
    /// Removes about <paramref name="limit"/> of the oldest requests from before <paramref name="before"/>, and returns how many.
    /// </summary>
    public abstract int ExpireRequests(DateTimeOffset before, int limit);

    /// <summary>
    /// Removes about <paramref name="limit"/> of the oldest changes from before <paramref name="before"/>, whole revisions, and returns
    /// how many.
    /// </summary>
    public abstract int Compact(DateTimeOffset before, int limit);

    public abstract void Insert(object row);

    /// <summary>Whether an update leaves out what a row says to be the same: an index of only such columns is then not written.</summary>
    public virtual bool WritesOnlyChanges => false;

    /// <summary>Replaces a row, or at least what has changed of it.</summary>
    public abstract void Update(object row);

    public abstract void Delete(object row);

    public virtual void Dispose()
    {
        _connection.Dispose();
        GC.SuppressFinalize(this);
    }
}
