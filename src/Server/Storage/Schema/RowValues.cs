using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>Row comparisons over several columns. Both databases have them, and answer them with one position in an index.</summary>
internal static class RowValues
{
    private static readonly RelationalTypeMapping Flag = new BoolTypeMapping("boolean");

    public static void AddTo(SqlFunctions functions)
    {
        functions.Add(typeof(RowOrder), nameof(RowOrder.IsBefore), args => Compare(ExpressionType.LessThan, args));
        functions.Add(typeof(RowOrder), nameof(RowOrder.IsAfter), args => Compare(ExpressionType.GreaterThan, args));
    }

    private static SqlBinaryExpression Compare(ExpressionType comparison, IReadOnlyList<SqlExpression> args) =>
        new(comparison, Row(args[0], args[1]), Row(Like(args[0], args[2]), Like(args[1], args[3])), typeof(bool), Flag);

    /// <summary>EF writes a function without a name as a row: (first, second).</summary>
    private static SqlFunctionExpression Row(SqlExpression first, SqlExpression second) =>
        new("", [first, second], nullable: false, [false, false], typeof(object), Flag);

    /// <summary>The value, with the type mapping of the column that it is compared with.</summary>
    private static SqlParameterExpression Like(SqlExpression column, SqlExpression value) => ((SqlParameterExpression)value).ApplyTypeMapping(column.TypeMapping);
}
