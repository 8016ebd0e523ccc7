using System.Linq.Expressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>A filter over a kind's rows, for the database and for memory.</summary>
internal sealed class Filter<TRow>
{
    private readonly FilterTest<TRow> _test;

    public Filter(FilterNode tree, Func<FilterNode.Restriction, FilterTest<TRow>> bind) => _test = Bind(tree, bind);

    /// <summary>The condition for the database.</summary>
    public Expression<Func<TRow, bool>> Predicate
    {
        get
        {
            var row = Expression.Parameter(typeof(TRow), "row");
            return Expression.Lambda<Func<TRow, bool>>(_test.Expression(row), row);
        }
    }

    /// <summary>Whether a row in memory matches.</summary>
    public bool Matches(TRow row) => _test.Matches(row);

    private static FilterTest<TRow> Bind(FilterNode node, Func<FilterNode.Restriction, FilterTest<TRow>> bind)
    {
        switch (node)
        {
            case FilterNode.All all:
                var parts = all.Parts.Select(part => Bind(part, bind)).ToArray();
                return new(row => Join(parts, row, Expression.AndAlso), row => Array.TrueForAll(parts, part => part.Matches(row)));
            case FilterNode.Any any:
                var options = any.Parts.Select(part => Bind(part, bind)).ToArray();
                return new(row => Join(options, row, Expression.OrElse), row => Array.Exists(options, part => part.Matches(row)));
            case FilterNode.Not not:
                var inner = Bind(not.Part, bind);
                return new(row => Expression.Not(inner.Expression(row)), row => !inner.Matches(row));
            default:
                return bind((FilterNode.Restriction)node);
        }
    }

    private static Expression Join(FilterTest<TRow>[] parts, ParameterExpression row, Func<Expression, Expression, Expression> join) =>
        parts.Select(part => part.Expression(row)).Aggregate(join);
}
