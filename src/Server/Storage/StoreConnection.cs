using System.Data.Common;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage;

/// <summary>A connection to the database, with its prepared statements.</summary>
internal abstract class StoreConnection : IDisposable
{
    private readonly Dictionary<Type, object> _statements = [];
    private readonly List<Query> _queries = [];
    private readonly Dictionary<Table, PointRead> _pointReads = [];

    protected StoreConnection() => Lists = new ListStatements(this);

    /// <summary>The open connection.</summary>
    public abstract DbConnection Connection { get; }

    /// <summary>The parts of the prepared statements that differ between databases.</summary>
    public abstract Dialect Dialect { get; }

    /// <summary>How this database stores ids and moments.</summary>
    public abstract StoredValues Values { get; }

    /// <summary>The statements of lists.</summary>
    public ListStatements Lists { get; }

    /// <summary>A kind's own statements on this connection, prepared on first use.</summary>
    public T Statements<T>()
        where T : class, IStatements<T>
    {
        if (!_statements.TryGetValue(typeof(T), out var statements))
        {
            _statements[typeof(T)] = statements = T.Prepare(this);
        }

        return (T)statements;
    }

    /// <summary>Prepares a statement that lives as long as the connection. It takes ids and moments as they are.</summary>
    public Query Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var query = new Query(Connection, Values, sql, parameters);
        _queries.Add(query);
        return query;
    }

    /// <summary>Reads one resource by its id; null if the organization has none.</summary>
    public StoredBody? Find(Table table, string organizationId, Guid id)
    {
        if (!_pointReads.TryGetValue(table, out var read))
        {
            _pointReads[table] = read = PointRead(table.Name);
        }

        return read.Find(organizationId, id);
    }

    /// <summary>Begins a question to one organization's rows.</summary>
    public abstract SqlText NewText(string organizationId);

    /// <summary>A table as this database has it.</summary>
    public abstract TableForm FormOf(Table table);

    /// <summary>The parameter of a place in a text, from 1.</summary>
    public abstract DbParameter Parameter(int place);

    /// <summary>Ends the connection's running statement when the token is cancelled, until the result is disposed of.</summary>
    public abstract IDisposable InterruptWhen(CancellationToken cancellationToken);

    public virtual void Dispose()
    {
        _queries.ForEach(query => query.Dispose());
        _pointReads.Values.ToList().ForEach(read => read.Dispose());
        Lists.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Prepares the read of one resource of a table.</summary>
    protected abstract PointRead PointRead(string table);
}
