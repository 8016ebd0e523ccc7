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
            : throw new FilterValueException(literal.Position, "an id is compared with a whole UUID in lower-case text");

    public static int Number(FilterLiteral literal) =>
        !literal.IsQuoted && int.TryParse(literal.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FilterValueException(literal.Position, "a whole number from -2147483648 to 2147483647 without quotes was expected");

    public static bool Flag(FilterLiteral literal) => literal switch
    {
        { IsQuoted: false, Text: "true" } => true,
        { IsQuoted: false, Text: "false" } => false,
        _ => throw new FilterValueException(literal.Position, "true or false without quotes was expected"),
    };

    public static int Enum<TEnum>(FilterLiteral literal)
        where TEnum : struct, System.Enum =>
        EnumNames<TEnum>.TryGet(literal.Text, out var number)
            ? number
            : throw new FilterValueException(literal.Position, $"one of {string.Join(", ", EnumNames<TEnum>.Values.Select(EnumNames<TEnum>.Bare))} was expected");

    public static DateTimeOffset Moment(FilterLiteral literal)
    {
        // The pattern is stricter than the parser, which would take a date without a time or without an offset. Finer digits than the
        // columns keep are cut off here as there.
        var parts = Rfc3339().Match(literal.IsQuoted ? literal.Text.ToUpperInvariant() : "");
        if (!parts.Success)
        {
            throw new FilterValueException(literal.Position, "a moment in quotes was expected, like \"2030-01-01T00:00:00Z\"");
        }

        const string outside = "there is no such moment between \"0001-01-01T00:00:00Z\" and \"9999-12-31T23:59:59.999999Z\"";
        return DateTimeOffset.TryParse(parts.Result("$1$2$3"), CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            ? moment.ToUniversalTime()
            : throw new FilterValueException(literal.Position, outside);
    }

    [GeneratedRegex(@"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:(\.[0-9]{1,6})[0-9]{0,3})?(Z|[+-][0-9]{2}:[0-9]{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();
}
