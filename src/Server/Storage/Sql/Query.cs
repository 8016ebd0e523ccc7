using System.Data.Common;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>A prepared query with its parameters, bound again for each use.</summary>
internal sealed class Query : IDisposable
{
    private readonly DbCommand _command;
    private readonly StoredValues _values;

    public Query(DbConnection connection, string sql, params ReadOnlySpan<string> parameters)
        : this(connection, StoredValues.AsTheyAre, sql, parameters)
    {
    }

    /// <param name="connection">The connection.</param>
    /// <param name="values">How the database stores ids and moments.</param>
    /// <param name="sql">The text.</param>
    /// <param name="parameters">The names of the parameters, in the order in which values are given.</param>
    public Query(DbConnection connection, StoredValues values, string sql, params ReadOnlySpan<string> parameters)
    {
        _values = values;
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        foreach (var name in parameters)
        {
            var parameter = _command.CreateParameter();
            parameter.ParameterName = name;
            _command.Parameters.Add(parameter);
        }
    }

    public DbDataReader Read(params ReadOnlySpan<object> values) => Bind(values).ExecuteReader();

    public int Execute(params ReadOnlySpan<object> values) => Bind(values).ExecuteNonQuery();

    public object? Scalar(params ReadOnlySpan<object> values) => Bind(values).ExecuteScalar();

    public void Dispose() => _command.Dispose();

    private DbCommand Bind(ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = _values.Of(values[i]);
        }

        return _command;
    }
}
