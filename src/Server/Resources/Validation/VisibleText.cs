using System.Globalization;
using System.Text;

namespace TaskGrpc.Server.Resources.Validation;

/// <summary>The rule for visible characters: some texts need at least one, others may contain no others.</summary>
internal static class VisibleText
{
    /// <summary>
    /// First and last of each range of Default_Ignorable_Code_Point, unassigned ranges included, from DerivedCoreProperties.txt of Unicode
    /// 16; .NET does not have the property. Most are format characters, but the Hangul fillers, for example, are letters.
    /// </summary>
    private static readonly (int First, int Last)[] DefaultIgnorable =
    [
        (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
            (0x202A, 0x202E),
        (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3),
            (0x1D173, 0x1D17A),
        (0xE0000, 0xE0FFF),
    ];

    /// <summary>Blank symbols that no Unicode property marks as such: the empty Braille pattern and the null note head.</summary>
    private static readonly int[] Inkless = [0x2800, 0x1D159];

    /// <summary>Whether the text has at least one visible character.</summary>
    public static bool IsIn(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsVisible(rune))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the character is visible: white space, control, format and default-ignorable ones are not.</summary>
    public static bool IsVisible(Rune rune)
    {
        if (rune.IsAscii)
        {
            return rune.Value is > ' ' and < 0x7F;
        }

        return !Rune.IsWhiteSpace(rune)
            && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format)
            && !Array.Exists(DefaultIgnorable, stretch => rune.Value >= stretch.First && rune.Value <= stretch.Last)
            && !Inkless.Contains(rune.Value);
    }
}
