using System.Data.Common;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage;

/// <summary>
/// A connection to the database for prepared statements of ours. EF's context over it comes with the first question whose statement EF
/// is to write: its services and its model take longer than all else of a start, and neither a start nor a create nor a Get needs them.
/// </summary>
internal abstract class StoreConnection : IDisposable
{
    private readonly Dictionary<Type, IDisposable> _statements = [];
    private TaskDb? _context;

    /// <summary>The connection, open.</summary>
    public abstract DbConnection Connection { get; }

    /// <summary>What this database's prepared statements look like where databases differ.</summary>
    public abstract Dialect Dialect { get; }

    /// <summary>How this database stores ids and moments.</summary>
    public abstract StoredValues Values { get; }

    /// <summary>EF's context over this connection.</summary>
    public TaskDb Context => _context ??= NewContext();

    /// <summary>A kind's own statements on this connection.</summary>
    public T Statements<T>()
        where T : class, IStatements<T>
    {
        if (!_statements.TryGetValue(typeof(T), out var statements))
        {
            _statements[typeof(T)] = statements = T.Prepare(this);
        }

        return (T)statements;
    }

    /// <summary>Prepares the read of one resource of a table.</summary>
    public abstract PointRead PointRead(string table);

    /// <summary>Ends what the connection runs once the token is cancelled, until it is disposed of.</summary>
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
