namespace TaskGrpc.Server.Filtering;

/// <summary>A text, compared by ordinal; a star at either end of the literal stands for any text.</summary>
internal sealed class TextField<T>(string name, string column, Func<T, string?> get) : FilterField<T>(name)
{
    private readonly SqlOperand _column = SqlOperand.OptionalColumn(column);

    public override FilterTest<T> Test(FilterNode.Restriction restriction)
    {
        RequireNoPath(restriction);
        return restriction is { Comparator: FilterToken.Has, Literal.IsPresence: true }
            ? new(_ => _column.IsPresent, resource => get(resource) is not null)
            : Of(restriction, _ => _column, get);
    }

    /// <summary>Makes the comparison of any text, wherever it comes from; a null text is absent.</summary>
    public static FilterTest<T> Of(FilterNode.Restriction restriction, Func<SqlText, SqlOperand> operand, Func<T, string?> get)
    {
        RequireNotNull(restriction);
        var value = restriction.Literal.Text;
        switch (restriction.Comparator)
        {
            case FilterToken.Equal or FilterToken.Has:
                var pattern = new TextPattern(restriction.Literal);
                return new(text => pattern.Sql(text, operand(text)), resource => pattern.Matches(get(resource)));
            case FilterToken.NotEqual:
                var other = new TextPattern(restriction.Literal);
                return new(text => $"NOT {other.Sql(text, operand(text))}", resource => !other.Matches(get(resource)));
            case var comparator:
                return new(
                    text => Compared(text, operand(text), comparator, value),
                    resource => get(resource) is { } own && Holds(comparator, Utf8Order.Compare(own, value)));
        }
    }
}
