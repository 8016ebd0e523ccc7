using System.Data.Common;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>A prepared query with its parameters, bound again for each use.</summary>
internal sealed class Query : IDisposable
{
    private readonly DbCommand _command;

    public Query(DbConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
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
            _command.Parameters[i].Value = values[i];
        }

        return _command;
    }
}
