using System.Linq.Expressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>Puts a column's lambda into an expression over another parameter.</summary>
internal static class ColumnExpression
{
    public static Expression Of(LambdaExpression column, ParameterExpression row) => new Replace(column.Parameters[0], row).Visit(column.Body);

    private sealed class Replace(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : base.VisitParameter(node);
    }
}
