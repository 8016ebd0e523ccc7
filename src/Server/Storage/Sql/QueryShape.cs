using System.Linq.Expressions;
using System.Reflection;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>
/// A query without its values: two callers who ask for different statuses ask in one shape. Each value has given its place to a slot
/// of its own, by whose name its parameter is found in the statement that EF makes of the shape.
/// </summary>
internal sealed class QueryShape : ExpressionVisitor
{
    private readonly List<object> _values = [];

    private QueryShape(Expression query) => Expression = Visit(query);

    /// <summary>The query over slots.</summary>
    public Expression Expression { get; }

    /// <summary>Whether there was a slot for each value.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>What was taken out, by the number of its slot.</summary>
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
                // The database asks for nothing in another way than for something.
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
