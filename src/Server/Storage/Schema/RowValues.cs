using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>Comparisons of rows by several columns at once, which both databases have, and for which their indexes have one place.</summary>
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

    /// <summary>A function without a name is a row of its arguments.</summary>
    private static SqlFunctionExpression Row(SqlExpression first, SqlExpression second) =>
        new("", [first, second], nullable: false, [false, false], typeof(object), Flag);

    /// <summary>The value, stored as the column that it is compared with.</summary>
    private static SqlParameterExpression Like(SqlExpression column, SqlExpression value) => ((SqlParameterExpression)value).ApplyTypeMapping(column.TypeMapping);
}
