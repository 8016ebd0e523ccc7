using System.Linq.Expressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>A number, moment, flag, id or enum value.</summary>
/// <param name="name">The field's name on the wire.</param>
/// <param name="column">The column, of the value's type or its nullable form.</param>
/// <param name="read">Makes the value of a literal.</param>
/// <param name="isOrdered">Whether it can be compared by size.</param>
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

        var value = read(restriction.Literal);
        return restriction.Comparator switch
        {
            FilterToken.Equal or FilterToken.Has => new(Compared(restriction, value), row => get(row) is { } own && own.CompareTo(value) == 0),
            FilterToken.NotEqual => new(Compared(restriction, value), row => get(row) is not { } own || own.CompareTo(value) != 0),
            var comparator => new(Compared(restriction, value), row => get(row) is { } own && Holds(comparator, own.CompareTo(value))),
        };
    }

    private Func<ParameterExpression, Expression> Compared(FilterNode.Restriction restriction, TValue value) => row =>
    {
        var own = ColumnExpression.Of(column, row);
        var comparison = Expression.MakeBinary(Operator(restriction.Comparator), own, QueryParameter.Of(value, own.Type));
        // EF keeps C#'s two-valued logic for equality; by size it would let the database's NULL through a NOT.
        return comparison.NodeType is ExpressionType.Equal or ExpressionType.NotEqual ? comparison : Expression.AndAlso(IsPresent(own), comparison);
    };
}
