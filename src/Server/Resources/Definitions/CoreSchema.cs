using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using YamlDotNet.Core;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>
/// The core schema of YAML 1.2 (section 10.3): which plain scalars are null, booleans, integers and floats; all others are text. It
/// refuses values that JSON or a double cannot hold.
/// </summary>
internal static partial class CoreSchema
{
    private const string Prefix = "tag:yaml.org,2002:";

    /// <summary>The largest double has 309 digits.</summary>
    private const int MostDigits = 309;

    /// <summary>Whether a list or a mapping may have this tag.</summary>
    public static bool IsCollectionTag(TagName tag, string name) => tag.IsEmpty || tag.Value == "!" || tag.Value == Prefix + name;

    /// <exception cref="DefinitionException">JSON cannot hold the value, or the tag does not match it.</exception>
    public static Value Resolve(YamlDotNet.Core.Events.Scalar scalar, string text)
    {
        if (scalar.Tag.IsEmpty)
        {
            return scalar.Style == ScalarStyle.Plain ? Plain(text, scalar.Start) : Value.ForString(text);
        }

        return scalar.Tag.Value switch
        {
            "!" or Prefix + "str" => Value.ForString(text),
            Prefix + "null" => Tagged(Value.KindOneofCase.NullValue, true),
            Prefix + "bool" => Tagged(Value.KindOneofCase.BoolValue, true),
            Prefix + "int" => Tagged(Value.KindOneofCase.NumberValue, IsInteger(text)),
            Prefix + "float" => Tagged(Value.KindOneofCase.NumberValue, true),
            var tag => throw new DefinitionException(
                scalar.Start, $"the tag '{Faults.Clip.Of(tag, 60)}' is not in YAML's core schema; leave it out"),
        };

        Value Tagged(Value.KindOneofCase kind, bool isRight) =>
            isRight && Plain(text, scalar.Start) is { } value && value.KindCase == kind ? value
            : throw new DefinitionException(scalar.Start, $"'{Faults.Clip.Of(text, 40)}' does not match its tag; leave the tag out");
    }

    private static bool IsInteger(string text) => Decimal().IsMatch(text) || Octal().IsMatch(text) || Hexadecimal().IsMatch(text);

    private static Value Plain(string text, Mark at) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => Value.ForNull(),
        "true" or "True" or "TRUE" => Value.ForBool(true),
        "false" or "False" or "FALSE" => Value.ForBool(false),
        _ when Decimal().IsMatch(text) =>
            Integer(text, text.AsSpan().TrimStart("+-0").Length,
                () => BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), at),
        _ when Octal().IsMatch(text) =>
            Integer(text, text.Length, () => text.Skip(2).Aggregate(BigInteger.Zero, (value, digit) => (value * 8) + (digit - '0')), at),
        _ when Hexadecimal().IsMatch(text) =>
            Integer(text, text.Length,
                () => BigInteger.Parse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), at),
        _ when Float().IsMatch(text) =>
            double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) is var number && double.IsFinite(number)
            ? Value.ForNumber(number)
            : throw new DefinitionException(at, $"{Faults.Clip.Of(text, 40)} is too large for a number; put it in quotes for text"),
        _ when NoNumber().IsMatch(text) => throw new DefinitionException(at, $"JSON has no number {text}; put it in quotes for text"),
        _ => Value.ForString(text),
    };

    private static Value Integer(string text, int digits, Func<BigInteger> parse, Mark at)
    {
        if (digits <= MostDigits && parse() is var exact && (double)exact is var number && double.IsFinite(number)
            && new BigInteger(number) == exact)
        {
            return Value.ForNumber(number);
        }

        throw new DefinitionException(
            at, $"a double cannot hold the integer {Faults.Clip.Of(text, 40)} exactly; put it in quotes for text");
    }

    [GeneratedRegex(@"^[-+]?[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();

    [GeneratedRegex(@"^0o[0-7]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Octal();

    [GeneratedRegex(@"^0x[0-9a-fA-F]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    [GeneratedRegex(@"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex NoNumber();
}
