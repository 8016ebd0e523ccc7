using System.Linq.Expressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>A number, moment, flag, id or enum value.</summary>
/// <param name="name">The field's name on the wire.</param>
/// <param name="column">The column, of the value's type or its nullable form.</param>
/// <param name="read">Reads the value of a literal.</param>
/// <param name="isOrdered">Whether the field has an order.</param>
internal sealed class ScalarField<TRow, TValue>(string name, LambdaExpression column, Func<FilterLiteral, TValue> read, bool isOrdered) : FilterField<TRow>(name)
    where TValue : struct, IComparable<TValue>
{
    private readonly Lazy<Func<TRow, TValue?>> _get = new(() =>
        Expression.Lambda<Func<TRow, TValue?>>(Expression.Convert(column.Body, typeof(TValue?)), column.Parameters).Compile());

    public override FilterTest<TRow> Test(FilterNode.Restriction restriction)
    {
        RequireNoPath(restriction);
        var get = _get.Value;
        if (restriction is { Comparator: FilterToken.Has, Literal.IsPresence: true })
        {
            return new(row => IsPresent(ColumnExpression.Of(column, row)), row => get(row) is not null);
        }

        if (!isOrdered)
        {
            RequireEquality(restriction);
        }

        RequireNotNull(restriction);
        return Of(restriction.Comparator, read(restriction.Literal), row => ColumnExpression.Of(column, row), get);
    }

    /// <summary>Makes a comparison of a value from any source; null is absent.</summary>
    public static FilterTest<TRow> Of(FilterToken comparator, TValue value, Func<ParameterExpression, Expression> column, Func<TRow, TValue?> get)
    {
        Expression Compared(ParameterExpression row)
        {
            var own = column(row);
            var comparison = Expression.MakeBinary(Operator(comparator), own, QueryParameter.Of(value, own.Type));
            // EF keeps C#'s two-valued logic for equality only. For the others a NULL would stay NULL under a NOT, so they need this
            // test.
            return comparison.NodeType is ExpressionType.Equal or ExpressionType.NotEqual ? comparison : Expression.AndAlso(IsPresent(own), comparison);
        }

        return comparator switch
        {
            FilterToken.Equal or FilterToken.Has => new(Compared, row => get(row) is { } own && own.CompareTo(value) == 0),
            FilterToken.NotEqual => new(Compared, row => get(row) is not { } own || own.CompareTo(value) != 0),
            _ => new(Compared, row => get(row) is { } own && Holds(comparator, own.CompareTo(value))),
        };
    }
}
