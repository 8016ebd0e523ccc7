using System.Data;
using System.Data.Common;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage;

/// <summary>A read connection, rented for one organization: all that it reads are rows of that organization.</summary>
internal class StoreReader : IDisposable
{
    private const string ChangeColumns = "revision, ordinal, remaining, kind, resource_id, type, changed_at, body";

    private readonly StoreConnection _connection;
    private readonly StoredValues _values;
    private readonly ScopeStatement _beginRent;
    private readonly ScopeStatement _endRent;
    private readonly ScopeStatement _beginView;
    private readonly ScopeStatement _endView;
    private readonly Query _head;
    private readonly Query _log;
    private readonly Query _firstChange;
    private bool _isSound = true;

    public StoreReader(StoreConnection db)
    {
        _connection = db;
        _values = db.Values;
        _beginRent = new ScopeStatement(db, db.Dialect.BeginRent);
        _endRent = new ScopeStatement(db, db.Dialect.EndRent);
        _beginView = new ScopeStatement(db, db.Dialect.BeginView);
        _endView = new ScopeStatement(db, db.Dialect.EndView);
        _head = db.Prepare(
            $"""
            SELECT revision, compacted_revision, epoch FROM organizations
            WHERE id IN (@organization, '{OrganizationRow.Store}') ORDER BY id DESC LIMIT 1
            """,
            "@organization");
        _log = db.Prepare(
            $"""
            SELECT {ChangeColumns} FROM changes
            WHERE organization_id = @organization AND (revision, ordinal) > (@revision, @ordinal)
            ORDER BY revision, ordinal LIMIT @limit
            """,
            "@organization", "@revision", "@ordinal", "@limit");
        _firstChange = db.Prepare(
            $"""
            SELECT body FROM changes
            WHERE resource_id = @id AND revision > @revision AND {db.Dialect.IsOwn}
            ORDER BY revision, ordinal LIMIT 1
            """,
            "@id", "@revision", "@organization");
    }

    /// <summary>The organization for which the reader was rented; empty for the server's own work.</summary>
    public string OrganizationId { get; private set; } = "";

    /// <summary>The store's <see cref="TaskStore.Generation"/> before this reader was opened.</summary>
    public int Generation { get; init; }

    /// <summary>Whether the reader can be rented again.</summary>
    public bool IsSound => _isSound && _connection.Connection.State == ConnectionState.Open;

    /// <summary>Binds the reader to an organization; empty for the server's own work.</summary>
    public void BeginRent(string organizationId)
    {
        OrganizationId = organizationId;
        _beginRent.Say(organizationId);
    }

    /// <summary>A kind's own statements. Each must compare the organization itself.</summary>
    public T Statements<T>()
        where T : class, IStatements<T> => _connection.Statements<T>();

    public void EndRent() => End(_endRent);

    /// <summary>Makes all reads until the scope's end see one moment. A long scope stops the database from cleaning up.</summary>
    public virtual View OpenView()
    {
        _beginView.Say(OrganizationId);
        return new View(this);
    }

    /// <summary>Runs a read that may take long, and ends it when the token is cancelled.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public T Interruptible<T>(Func<T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var interruption = _connection.InterruptWhen(cancellationToken);
        try
        {
            return read();
        }
        catch (DbException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>How the database stores ids and moments.</summary>
    public StoredValues Values => _values;

    /// <summary>Begins a list. Its tables come in with the organization, so that none can leave it out.</summary>
    public SqlText NewList() => _connection.NewText(OrganizationId);

    /// <summary>Runs a list's question.</summary>
    public DbDataReader Read(SqlText text) => _connection.Lists.Read(text);

    /// <summary>Runs a list's question whose first column is the body and the others its keys.</summary>
    public KeyedRows Keyed(SqlText text, int keys) => new(Read(text), _values, keys);

    /// <summary>
    /// How many resources that are not deleted each status has, in all organizations. Only a reader of the server's own work finds any.
    /// </summary>
    public IEnumerable<(int Status, long Count)> CountByStatus(Table table)
    {
        // The inner groups come in the order of the index of each organization's statuses, so nothing is sorted.
        return Read(NewList().Add(
            $"""
            SELECT status, CAST(sum(counted) AS bigint) FROM (
                SELECT status, count(*) AS counted FROM {table.Name}
                WHERE NOT deleted AND $1 = '' GROUP BY organization_id, status) AS owned
            GROUP BY status
            """)).All(row => (row.GetInt32(0), row.GetInt64(1)));
    }

    public StoredBody? Find(Table table, Guid id) => _connection.Find(table, OrganizationId, id);

    /// <summary>The head of the organization's log, from its own row or, before its first change, from the store's.</summary>
    public virtual LogHead Head()
    {
        using var reader = _head.Read(OrganizationId);
        return reader.Read()
            ? new LogHead(reader.GetInt64(0), reader.GetInt64(1), _values.Id(reader, 2))
            : throw new InvalidOperationException("The table organizations lacks the store's own row, whose id is empty.");
    }

    /// <summary>Reads at most <paramref name="limit"/> changes after a position in the log, in order and lazily.</summary>
    public virtual IEnumerable<ChangeRow> Log(long revision, int ordinal, int limit)
    {
        using var rows = _log.Read(OrganizationId, revision, ordinal, limit);
        while (rows.Read())
        {
            yield return Change(rows);
        }
    }

    /// <summary>The first change of a resource after a revision, as its message's bytes; null if there is none.</summary>
    public byte[]? FirstChangeAfter(Guid id, long revision) => (byte[]?)_firstChange.Scalar(id, revision, OrganizationId);

    /// <summary>Reads at most <paramref name="limit"/> changes of some resources after a position in the log, in order.</summary>
    public IEnumerable<ChangeRow> LogOf(IReadOnlyCollection<Guid> ids, long revision, int ordinal, int limit)
    {
        // The inner query finds the rows by the index of the resources' timelines. The outer one reads the bodies of one page only.
        string[] names = [.. ids.Select((_, i) => $"@id{i}")];
        using var query = new Query(
            _connection.Connection,
            $"""
            SELECT {ChangeColumns} FROM changes
            WHERE ({_connection.Dialect.ChangeKey}) IN (
                SELECT {_connection.Dialect.ChangeKey} FROM changes
                WHERE resource_id IN ({string.Join(", ", names)}) AND {_connection.Dialect.IsOwn}
                AND revision >= @revision AND (revision > @revision OR ordinal > @ordinal)
                ORDER BY revision, ordinal LIMIT @limit)
            ORDER BY revision, ordinal
            """,
            ["@organization", "@revision", "@ordinal", "@limit", .. names]);
        using var rows = query.Read([OrganizationId, revision, ordinal, limit, .. ids.Select(id => _values.Of(id))]);
        while (rows.Read())
        {
            yield return Change(rows);
        }
    }

    public void Dispose() => _connection.Dispose();

    private void End(ScopeStatement statement)
    {
        // A lost connection has nothing to end, and its caller already has the error. A reader that cannot end a read is not rented
        // again.
        if (IsSound)
        {
            _isSound = false;
            statement.Say(OrganizationId);
            _isSound = true;
        }
    }

    private ChangeRow Change(DbDataReader rows) => new()
    {
        OrganizationId = OrganizationId,
        Revision = rows.GetInt64(0),
        Ordinal = rows.GetInt32(1),
        Remaining = rows.GetInt32(2),
        Kind = rows.GetInt32(3),
        ResourceId = _values.Id(rows, 4),
        Type = rows.GetInt32(5),
        ChangedAt = _values.Moment(rows, 6),
        Body = rows.GetFieldValue<byte[]>(7),
    };

    internal sealed class View(StoreReader reader) : IDisposable
    {
        public void Dispose() => reader.End(reader._endView);
    }
}
