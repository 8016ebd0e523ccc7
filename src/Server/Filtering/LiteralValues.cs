using System.Globalization;
using System.Text.RegularExpressions;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Filtering;

/// <summary>Reads the values of literals, as the fields' types write them.</summary>
internal static partial class LiteralValues
{
    public static Guid Id(FilterLiteral literal) =>
        Guid.TryParseExact(literal.Text, "D", out var id) && id.ToString() == literal.Text
            ? id
            : throw new FilterValueException(literal.Position, "compare an id with a whole UUID in lower case");

    public static int Number(FilterLiteral literal) =>
        !literal.IsQuoted && int.TryParse(literal.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FilterValueException(literal.Position, "write a whole number from -2147483648 to 2147483647 without quotes");

    public static bool Flag(FilterLiteral literal) => literal switch
    {
        { IsQuoted: false, Text: "true" } => true,
        { IsQuoted: false, Text: "false" } => false,
        _ => throw new FilterValueException(literal.Position, "write true or false without quotes"),
    };

    public static int Enum<TEnum>(FilterLiteral literal)
        where TEnum : struct, System.Enum =>
        EnumNames<TEnum>.TryGet(literal.Text, out var number)
            ? number
            : throw new FilterValueException(
                literal.Position, $"write one of {string.Join(", ", EnumNames<TEnum>.Values.Select(EnumNames<TEnum>.Bare))}");

    public static DateTimeOffset Moment(FilterLiteral literal)
    {
        // The pattern is stricter than the parser, which accepts a date without a time or an offset. It cuts off finer digits, as the
        // columns do.
        var parts = Rfc3339().Match(literal.IsQuoted ? literal.Text.ToUpperInvariant() : "");
        if (!parts.Success)
        {
            throw new FilterValueException(literal.Position, "write a timestamp in quotes, like \"2030-01-01T00:00:00Z\"");
        }

        const string outside = "there is no such timestamp between \"0001-01-01T00:00:00Z\" and \"9999-12-31T23:59:59.999999Z\"";
        return DateTimeOffset.TryParse(parts.Result("$1$2$3"), CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            ? moment.ToUniversalTime()
            : throw new FilterValueException(literal.Position, outside);
    }

    [GeneratedRegex(@"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:(\.[0-9]{1,6})[0-9]{0,3})?(Z|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();
}
