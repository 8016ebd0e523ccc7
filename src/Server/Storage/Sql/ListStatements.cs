using System.Data.Common;
using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The statements of a connection's lists. One that is asked for again, with other values, is prepared already.</summary>
internal sealed class ListStatements(StoreConnection db) : IDisposable
{
    /// <summary>How many are kept. A caller that asks in more shapes pays with its own time, not with the server's memory.</summary>
    private const int Most = 64;

    private readonly Dictionary<string, DbCommand> _commands = [];
    private DbCommand? _running;
    private CancellationToken _end;

    /// <summary>Runs a question. Its rows are read before the next one is asked.</summary>
    /// <exception cref="OperationCanceledException">The token of <see cref="Until"/> was cancelled before.</exception>
    public DbDataReader Read(SqlText text)
    {
        var command = Command(text.ToString(), text.Values.Count);
        for (var place = 0; place < text.Values.Count; place++)
        {
            command.Parameters[place].Value = db.Values.Of(text.Values[place]);
        }

        // In this order, without which Cancel could find nothing running while this finds nothing cancelled.
        Interlocked.Exchange(ref _running, command);
        _end.ThrowIfCancellationRequested();
        return command.ExecuteReader();
    }

    /// <summary>Has the database end what runs, if anything does.</summary>
    public void Cancel() => Volatile.Read(ref _running)?.Cancel();

    /// <summary>Begins no question after the token's cancellation. What has run until now can no longer be cancelled.</summary>
    public void Until(CancellationToken end) => (_running, _end) = (null, end);

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        _commands.Clear();
    }

    private DbCommand Command(string sql, int values)
    {
        if (_commands.TryGetValue(sql, out var known))
        {
            return known;
        }

        if (_commands.Count == Most)
        {
            Dispose();
        }

        var command = db.Connection.CreateCommand();
        command.CommandText = sql;
        for (var place = 1; place <= values; place++)
        {
            command.Parameters.Add(db.Parameter(place));
        }

        _commands.Add(sql, command);
        return command;
    }
}
