using System.Globalization;
using System.Linq.Expressions;
using System.Text.RegularExpressions;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Filtering;

/// <summary>The one declaration of a kind's filterable fields, for the database and for memory.</summary>
internal sealed partial class FilterFields<TRow>
{
    private readonly Dictionary<string, FilterField<TRow>> _fields = [];

    public IEnumerable<string> Names => _fields.Keys;

    /// <param name="text">The filter.</param>
    /// <param name="organizationId">The organization whose rows the database reads; null for a filter that only tests rows in
    /// memory.</param>
    /// <exception cref="Faults.Fault">INVALID_FILTER, with the position in the text.</exception>
    public Filter<TRow> Parse(string text, string? organizationId = null)
    {
        var tree = ParsedFilters.Parse(text);
        try
        {
            return new Filter<TRow>(tree, restriction => Bind(restriction, organizationId));
        }
        catch (FilterValueException exception)
        {
            throw exception.In(text);
        }
    }

    public FilterFields<TRow> Text(string name, Expression<Func<TRow, string?>> column) => Add(new TextField<TRow>(name, column));

    /// <summary>A text whose default is the organization's id. Rows with the default are not in the field's index.</summary>
    public FilterFields<TRow> TextOrOrganization(string name, Expression<Func<TRow, string?>> column, Expression<Func<TRow, string>> organization) =>
        Add(new OrganizationTextField<TRow>(name, column, organization));

    public FilterFields<TRow> Json(string name, Expression<Func<TRow, string?>> column) => Add(new JsonField<TRow>(name, column));

    public FilterFields<TRow> Id(string name, Expression<Func<TRow, Guid>> column) => Add(new ScalarField<TRow, Guid>(name, column, ReadId, isOrdered: true));

    public FilterFields<TRow> Id(string name, Expression<Func<TRow, Guid?>> column) => Add(new ScalarField<TRow, Guid>(name, column, ReadId, isOrdered: true));

    public FilterFields<TRow> Number(string name, Expression<Func<TRow, int>> column) => Add(new ScalarField<TRow, int>(name, column, ReadNumber, isOrdered: true));

    public FilterFields<TRow> Flag(string name, Expression<Func<TRow, bool>> column) => Add(new ScalarField<TRow, bool>(name, column, ReadFlag, isOrdered: false));

    public FilterFields<TRow> Moment(string name, Expression<Func<TRow, DateTimeOffset>> column) => Add(new ScalarField<TRow, DateTimeOffset>(name, column, ReadMoment, isOrdered: true));

    public FilterFields<TRow> Moment(string name, Expression<Func<TRow, DateTimeOffset?>> column) => Add(new ScalarField<TRow, DateTimeOffset>(name, column, ReadMoment, isOrdered: true));

    public FilterFields<TRow> Enum<TEnum>(string name, Expression<Func<TRow, int>> column)
        where TEnum : struct, Enum => Add(new ScalarField<TRow, int>(name, column, ReadEnum<TEnum>, isOrdered: false));

    public FilterFields<TRow> Enum<TEnum>(string name, Expression<Func<TRow, int?>> column)
        where TEnum : struct, Enum => Add(new ScalarField<TRow, int>(name, column, ReadEnum<TEnum>, isOrdered: false));

    private FilterFields<TRow> Add(FilterField<TRow> field)
    {
        _fields.Add(field.Name, field);
        return this;
    }

    private FilterTest<TRow> Bind(FilterNode.Restriction restriction, string? organizationId) =>
        _fields.TryGetValue(restriction.Path[0], out var field) || (restriction.Path.Count > 1 && _fields.TryGetValue($"{restriction.Path[0]}.{restriction.Path[1]}", out field))
            ? field.Test(restriction, organizationId)
            : throw new FilterValueException(
                restriction.Position,
                $"{InvalidFilter.Quote(restriction.Path[0])} is not a filterable field; the fields are {string.Join(", ", Names)}");

    private static Guid ReadId(FilterLiteral literal) =>
        Guid.TryParseExact(literal.Text, "D", out var id) && id.ToString() == literal.Text
            ? id
            : throw new FilterValueException(literal.Position, "compare an id with a whole UUID in lower case");

    private static int ReadNumber(FilterLiteral literal) =>
        !literal.IsQuoted && int.TryParse(literal.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FilterValueException(literal.Position, "write a whole number from -2147483648 to 2147483647 without quotes");

    private static bool ReadFlag(FilterLiteral literal) => literal switch
    {
        { IsQuoted: false, Text: "true" } => true,
        { IsQuoted: false, Text: "false" } => false,
        _ => throw new FilterValueException(literal.Position, "write true or false without quotes"),
    };

    private static int ReadEnum<TEnum>(FilterLiteral literal)
        where TEnum : struct, Enum =>
        EnumNames<TEnum>.TryGet(literal.Text, out var number)
            ? number
            : throw new FilterValueException(
                literal.Position, $"write one of {string.Join(", ", EnumNames<TEnum>.Values.Select(EnumNames<TEnum>.Bare))}");

    private static DateTimeOffset ReadMoment(FilterLiteral literal)
    {
        // The pattern is stricter than the parser, which accepts a date without a time or an offset. It cuts off finer digits, as the
        // columns do.
        var parts = Rfc3339().Match(literal.IsQuoted ? literal.Text.ToUpperInvariant() : "");
        if (!parts.Success)
        {
            throw new FilterValueException(literal.Position, "write a moment in quotes, like \"2030-01-01T00:00:00Z\"");
        }

        const string outside = "there is no such moment between \"0001-01-01T00:00:00Z\" and \"9999-12-31T23:59:59.999999Z\"";
        return DateTimeOffset.TryParse(parts.Result("$1$2$3"), CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            ? moment.ToUniversalTime()
            : throw new FilterValueException(literal.Position, outside);
    }

    [GeneratedRegex(@"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:(\.[0-9]{1,6})[0-9]{0,3})?(Z|[+-][0-9]{2}:[0-9]{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();
}
