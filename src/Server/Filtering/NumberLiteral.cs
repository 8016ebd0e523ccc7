using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace TaskGrpc.Server.Filtering;

/// <summary>Reads a literal of free-form data as a number; refuses what only resembles one, because nothing else tells its type.</summary>
internal static partial class NumberLiteral
{
    /// <summary>The number, written as in JSON; null for any other word.</summary>
    /// <exception cref="FilterValueException">It looks like a number, but a double cannot hold it, or it is not JSON.</exception>
    public static double? Read(FilterLiteral literal)
    {
        var text = literal.Text;
        var json = Json().Match(text);
        if (!json.Success)
        {
            return IsAlike(text) ? throw Refused(literal, "is not written as JSON writes numbers, like 5, -0.25 or 1e3") : null;
        }

        var number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        var isTooSmall = number == 0 && json.Groups["digits"].ValueSpan.IndexOfAnyInRange('1', '9') >= 0;
        if (!double.IsFinite(number) || isTooSmall)
        {
            throw Refused(literal, "is beyond what a double can hold");
        }

        // A rounded number would match other numbers than the one in the filter.
        return json.Groups["rest"].Length > 0 || IsWritten(number, BigInteger.Parse(text, CultureInfo.InvariantCulture))
            ? number
            : throw Refused(literal, "is a whole number that a double cannot hold exactly");
    }

    /// <summary>Whether the double is that number or its shortest text is: beyond 2^53 that text need not be the value.</summary>
    private static bool IsWritten(double number, BigInteger written) =>
        new BigInteger(number) == written
        || BigInteger.Parse(
            number.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture) == written;

    private static bool IsAlike(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) || OtherNotation().IsMatch(text);

    private static FilterValueException Refused(FilterLiteral literal, string why) =>
        new(literal.Position, $"{InvalidFilter.Quote(literal.Text)} {why}; write another number, or put the text in quotes");

    [GeneratedRegex(@"^-?(?<digits>(?:0|[1-9][0-9]*)(?<rest>\.[0-9]+)?)(?<rest>[eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Json();

    [GeneratedRegex(
        @"^[+-]?(?:0[xX][0-9a-fA-F]+|0[oObB][0-7]+|inf|infinity|nan|∞)\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex OtherNotation();
}
