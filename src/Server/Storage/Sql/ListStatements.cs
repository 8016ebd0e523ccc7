using System.Data.Common;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>
/// The statements of a connection's lists. EF writes one statement for each shape of query. A later query of the same shape runs that
/// statement with its own values, without EF.
/// </summary>
internal sealed class ListStatements(StoredValues values) : IDisposable
{
    /// <summary>How many statements are kept. A caller with more shapes costs EF's time for each query, but no more memory.</summary>
    private const int Most = 64;

    /// <summary>The last statement with too many values to be kept; its rows may still be read.</summary>
    private DbCommand? _unkept;

    private readonly Dictionary<Expression, Statement> _statements = new(ExpressionEqualityComparer.Instance);

    /// <summary>Runs a query; its rows have the columns of its projection, in order.</summary>
    public DbDataReader Read(IQueryable query)
    {
        var shape = QueryShape.Of(query);
        if (!shape.IsWhole)
        {
            _unkept?.Dispose();
            _unkept = query.CreateDbCommand();
            return _unkept.ExecuteReader();
        }

        if (!_statements.TryGetValue(shape.Expression, out var statement))
        {
            if (_statements.Count == Most)
            {
                Clear();
            }

            statement = new Statement(query.Provider.CreateQuery(shape.Expression).CreateDbCommand());
            _statements.Add(shape.Expression, statement);
        }

        return statement.Read(shape.Values, values);
    }

    public void Dispose()
    {
        _unkept?.Dispose();
        Clear();
    }

    private void Clear()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
    }

    private sealed class Statement : IDisposable
    {
        private readonly DbCommand _command;
        private readonly int[] _slots;

        public Statement(DbCommand command)
        {
            _command = command;
            _slots = [.. command.Parameters.Cast<DbParameter>().Select(Slot)];
        }

        public DbDataReader Read(IReadOnlyList<object> taken, StoredValues values)
        {
            for (var i = 0; i < _slots.Length; i++)
            {
                _command.Parameters[i].Value = values.Of(taken[_slots[i]]);
            }

            return _command.ExecuteReader();
        }

        public void Dispose() => _command.Dispose();

        /// <summary>The index of a parameter's value.</summary>
        private static int Slot(DbParameter parameter) =>
            QuerySlot.NumberOf(parameter.ParameterName)
            ?? throw new InvalidOperationException($"The statement has an unknown parameter {parameter.ParameterName}.");
    }
}
