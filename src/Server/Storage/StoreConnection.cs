using System.Data.Common;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage;

/// <summary>
/// A connection to the database, with our own prepared statements. The first query that EF writes makes EF's context. A start, a create
/// and a Get do not need it, and its services and model take longer than the rest of a start.
/// </summary>
internal abstract class StoreConnection : IDisposable
{
    private readonly Dictionary<Type, IDisposable> _statements = [];
    private TaskDb? _context;

    /// <summary>The open connection.</summary>
    public abstract DbConnection Connection { get; }

    /// <summary>The parts of the prepared statements that differ between databases.</summary>
    public abstract Dialect Dialect { get; }

    /// <summary>How this database stores ids and moments.</summary>
    public abstract StoredValues Values { get; }

    public TaskDb Context => _context ??= NewContext();

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

    public abstract PointRead PointRead(string table);

    /// <summary>Ends the connection's running statement when the token is cancelled, until the result is disposed of.</summary>
    public abstract IDisposable InterruptWhen(CancellationToken cancellationToken);

    public virtual void Dispose()
    {
        foreach (var statements in _statements.Values)
        {
            statements.Dispose();
        }

        _context?.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract TaskDb NewContext();
}
