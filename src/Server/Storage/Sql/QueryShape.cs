using System.Linq.Expressions;
using System.Reflection;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>
/// A query without its values: queries for different statuses have the same shape. A slot replaces each value. EF names the statement's
/// parameter after the slot, so that the value can be bound.
/// </summary>
internal sealed class QueryShape : ExpressionVisitor
{
    private readonly List<object> _values = [];

    private QueryShape(Expression query) => Expression = Visit(query);

    /// <summary>The query with slots in place of values.</summary>
    public Expression Expression { get; }

    /// <summary>Whether every value has a slot.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>The values, by the number of their slots.</summary>
    public IReadOnlyList<object> Values => _values;

    public static QueryShape Of(IQueryable query) => new(query.Expression);

    protected override Expression VisitMember(MemberExpression node)
    {
        if (node.Expression is not ConstantExpression { Value: { } holder })
        {
            return base.VisitMember(node);
        }

        switch (node.Member is FieldInfo field ? field.GetValue(holder) : ((PropertyInfo)node.Member).GetValue(holder))
        {
            case null:
                // SQL compares with NULL in another way, so null stays part of the shape.
                return Expression.Constant(null, node.Type);
            case IQueryable:
                return node;
            case not null when _values.Count == QuerySlot.Most:
                IsWhole = false;
                return node;
            case var value:
                _values.Add(value);
                return QuerySlot.Of(_values.Count - 1, node.Type);
        }
    }
}
