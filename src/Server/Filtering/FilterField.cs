using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Filtering;

/// <summary>A field that a filter may name.</summary>
internal abstract class FilterField<T>(string name)
{
    /// <summary>The name on the wire; a dot separates a message from its field.</summary>
    public string Name { get; } = name;

    /// <summary>How many segments of a path the name takes.</summary>
    protected int Segments { get; } = name.Count(letter => letter == '.') + 1;

    /// <summary>Makes a comparison of this field.</summary>
    /// <exception cref="FilterValueException">The field cannot be compared so.</exception>
    public abstract FilterTest<T> Test(FilterNode.Restriction restriction);

    /// <exception cref="FilterValueException">The path names keys below a field that has none.</exception>
    protected void RequireNoPath(FilterNode.Restriction restriction)
    {
        if (restriction.Path.Count > Segments)
        {
            throw new FilterValueException(restriction.Position, $"'{Name}' has no fields below it");
        }
    }

    /// <exception cref="FilterValueException">The field has no order.</exception>
    protected void RequireEquality(FilterNode.Restriction restriction)
    {
        if (restriction.Comparator is not (FilterToken.Equal or FilterToken.NotEqual or FilterToken.Has))
        {
            throw new FilterValueException(restriction.Position, $"'{Name}' has no order; compare it with = or !=");
        }
    }

    /// <exception cref="FilterValueException">The literal is null without quotes. Filters test for absence with `NOT field:*`.</exception>
    protected static void RequireNotNull(FilterNode.Restriction restriction)
    {
        if (restriction.Literal is { IsQuoted: false } literal && literal.Text.Equals("null", StringComparison.OrdinalIgnoreCase))
        {
            const string advice = "there is no null; `NOT field:*` finds what is absent, and the text is written \"null\"";
            throw new FilterValueException(literal.Position, advice);
        }
    }

    protected static bool Holds(FilterToken comparator, int order) => comparator switch
    {
        FilterToken.Less => order < 0,
        FilterToken.LessOrEqual => order <= 0,
        FilterToken.Greater => order > 0,
        _ => order >= 0,
    };

    /// <summary>The comparison of a value by size or equality.</summary>
    protected static string Compared(SqlText text, SqlOperand own, FilterToken comparator, object value) =>
        comparator == FilterToken.NotEqual
        ? $"NOT {own.Holds($"{own.Text} = {text.Bind(value)}")}"
        : own.Holds($"{own.Text} {Operator(comparator)} {text.Bind(value)}");

    private static string Operator(FilterToken comparator) => comparator switch
    {
        FilterToken.Less => "<",
        FilterToken.LessOrEqual => "<=",
        FilterToken.Greater => ">",
        FilterToken.GreaterOrEqual => ">=",
        _ => "=",
    };
}

/// <summary>A comparison that the field does not have; the index is a position in the filter's text.</summary>
internal sealed class FilterValueException(int index, string advice) : Exception(advice)
{
    public int Index { get; } = index;

    public Fault In(string text) => InvalidFilter.At(text, Index, Message);
}
