using System.Data.Common;
using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The statements of a connection's lists. One that is asked for again, with other values, is prepared already.</summary>
internal sealed class ListStatements(StoreConnection db) : IDisposable
{
    /// <summary>How many are kept. A caller that asks in more shapes pays with its own time, not with the server's memory.</summary>
    private const int Most = 64;

    private readonly Dictionary<string, DbCommand> _commands = [];
    private volatile DbCommand? _running;

    /// <summary>Runs a question. Its rows are read before the next one is asked.</summary>
    public DbDataReader Read(SqlText text)
    {
        var command = Command(text.ToString(), text.Values.Count);
        for (var place = 0; place < text.Values.Count; place++)
        {
            command.Parameters[place].Value = db.Values.Of(text.Values[place]);
        }

        _running = command;
        return command.ExecuteReader();
    }

    /// <summary>Has the database end what runs, if anything does.</summary>
    public void Cancel() => _running?.Cancel();

    /// <summary>What has run until now is not to be cancelled any more.</summary>
    public void Forget() => _running = null;

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
