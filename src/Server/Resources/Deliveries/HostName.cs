using System.Globalization;
using System.Net;
using System.Text;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>DNS host names: labels of ASCII letters, digits and hyphens (RFC 1123), which also encode other letters (RFC 5891).</summary>
internal static class HostName
{
    private const int MostCharacters = 253;
    private const int MostLabelCharacters = 63;

    private static readonly IdnMapping Idn = new();

    /// <summary>
    /// Blocks of letters that IDNA maps to other letters, and of marks that combine with the letter before them. The mapping tables are in
    /// the ICU library, which this server does not load: it would look up another host.
    /// </summary>
    private static readonly (int First, int Last)[] Mapped =
    [
        (0xAA, 0xAA), (0xBA, 0xBA), (0x132, 0x133), (0x13F, 0x140), (0x149, 0x149), (0x17F, 0x17F), (0x1C4, 0x1CC), (0x1F1, 0x1F3),
            (0x2B0, 0x2B8), (0x2E0, 0x2E4),
        (0x300, 0x36F), (0x1100, 0x11FF), (0x1D2C, 0x1D6A), (0x2071, 0x209C), (0x2100, 0x218F), (0x3099, 0x309A), (0x3131, 0x318E),
            (0xA960, 0xA97C), (0xD7B0, 0xD7FB),
        (0xF900, 0xFDFF), (0xFE70, 0xFFEF), (0x1D400, 0x1D7FF), (0x1EE00, 0x1EEFF), (0x2F800, 0x2FA1F),
    ];

    /// <summary>The name in ASCII; null if it is not a valid host name, or cannot be converted.</summary>
    /// <param name="name">The name.</param>
    /// <param name="underscores">Whether labels may have underscores: hosts in private networks do, mail domains do not.</param>
    public static string? InAscii(string name, bool underscores = false)
    {
        if (Ascii.IsValid(name))
        {
            return IsName(name, underscores) ? name : null;
        }

        var lower = name.ToLowerInvariant();
        if (!lower.EnumerateRunes().All(rune => rune.IsAscii || IsLetter(rune)))
        {
            return null;
        }

        try
        {
            return Idn.GetAscii(lower) is var ascii && IsName(ascii, underscores) ? ascii : null;
        }
        catch (ArgumentException)
        {
            // A label too long, or one that mixes directions.
            return null;
        }
    }

    private static bool IsName(string name, bool underscores)
    {
        var labels = name.Split('.');
        // A name that ends in a number is valid only as an IP address.
        return name.Length <= MostCharacters && Array.TrueForAll(labels, label => IsLabel(label, underscores))
            && (!IsNumber(labels[^1]) || IsAddress(name));
    }

    private static bool IsNumber(string label) =>
        label.All(char.IsAsciiDigit)
            || (label.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && label.Skip(2).All(char.IsAsciiHexDigit));

    private static bool IsAddress(string name) => IPAddress.TryParse(name, out var address) && address.ToString() == name;

    private static bool IsLabel(string label, bool underscores) =>
        label.Length is >= 1 and <= MostLabelCharacters
        && label[0] is not ('-' or '_') && label[^1] != '-'
            && label.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-' || (underscores && letter == '_'));

    private static bool IsLetter(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber
        && !Array.Exists(Mapped, block => rune.Value >= block.First && rune.Value <= block.Last);
}
