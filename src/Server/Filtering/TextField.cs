using System.Linq.Expressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>A text, compared by ordinal; a star at either end of the literal stands for any text.</summary>
internal sealed class TextField<TRow>(string name, Expression<Func<TRow, string?>> column) : FilterField<TRow>(name)
{
    private readonly Lazy<Func<TRow, string?>> _get = new(column.Compile);

    public override FilterTest<TRow> Test(FilterNode.Restriction restriction)
    {
        RequireNoPath(restriction);
        var get = _get.Value;
        return restriction is { Comparator: FilterToken.Has, Literal.IsPresence: true }
            ? new(row => IsPresent(ColumnExpression.Of(column, row)), row => get(row) is not null)
            : Of(restriction, row => ColumnExpression.Of(column, row), get);
    }

    /// <summary>Makes a comparison of a text from any source; null is absent.</summary>
    public static FilterTest<TRow> Of(FilterNode.Restriction restriction, Func<ParameterExpression, Expression> text, Func<TRow, string?> get)
    {
        RequireNotNull(restriction);
        var value = restriction.Literal.Text;
        switch (restriction.Comparator)
        {
            case FilterToken.Equal or FilterToken.Has:
                var pattern = new TextPattern(restriction.Literal);
                return new(row => pattern.Expression(text(row)), row => pattern.Matches(get(row)));
            case FilterToken.NotEqual:
                var other = new TextPattern(restriction.Literal);
                return new(row => Expression.Not(other.Expression(text(row))), row => !other.Matches(get(row)));
            case var comparator:
                return new(
                    row =>
                    {
                        var own = text(row);
                        var order = Expression.Call(typeof(string), nameof(string.Compare), null, own, QueryParameter.Of(value, typeof(string)));
                        return Expression.AndAlso(IsPresent(own), Expression.MakeBinary(Operator(comparator), order, Expression.Constant(0)));
                    },
                    row => get(row) is { } own && Holds(comparator, Utf8Order.Compare(own, value)));
        }
    }
}
