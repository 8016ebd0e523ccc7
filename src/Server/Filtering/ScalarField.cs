namespace TaskGrpc.Server.Filtering;

/// <summary>A number, moment, flag, id or enum value.</summary>
/// <param name="name">The field's name on the wire.</param>
/// <param name="column">The column.</param>
/// <param name="get">The value of a resource; null if it is absent.</param>
/// <param name="read">Makes the value of a literal.</param>
/// <param name="isOrdered">Whether it can be compared by size.</param>
internal sealed class ScalarField<T, TValue>(
    string name, SqlOperand column, Func<T, TValue?> get, Func<FilterLiteral, TValue> read, bool isOrdered) : FilterField<T>(name)
    where TValue : struct, IComparable<TValue>
{
    public override FilterTest<T> Test(FilterNode.Restriction restriction)
    {
        RequireNoPath(restriction);
        if (restriction is { Comparator: FilterToken.Has, Literal.IsPresence: true })
        {
            return new(_ => column.IsPresent, resource => get(resource) is not null);
        }

        if (!isOrdered)
        {
            RequireEquality(restriction);
        }

        RequireNotNull(restriction);
        return Of(restriction.Comparator, read(restriction.Literal), _ => column, get);
    }

    /// <summary>Makes the comparison of any value, wherever it comes from; null is absent.</summary>
    public static FilterTest<T> Of(FilterToken comparator, TValue value, Func<SqlText, SqlOperand> operand, Func<T, TValue?> get) => new(
        text => Compared(text, operand(text), comparator, value),
        comparator switch
        {
            FilterToken.Equal or FilterToken.Has => resource => get(resource) is { } own && own.CompareTo(value) == 0,
            FilterToken.NotEqual => resource => get(resource) is not { } own || own.CompareTo(value) != 0,
            _ => resource => get(resource) is { } own && Holds(comparator, own.CompareTo(value)),
        });
}
