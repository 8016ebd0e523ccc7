using System.Text;

namespace TaskGrpc.Server.Faults;

/// <summary>Shortens what a caller sent, so that the answer's metadata stays within what clients accept.</summary>
internal static class Clip
{
    private const string Ellipsis = "…";

    /// <summary>The text in at most so many UTF-16 units, and an ellipsis where it was cut.</summary>
    public static string Of(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        // Do not cut a surrogate pair in half.
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), Ellipsis);
    }

    /// <summary>The text in at most so many bytes of UTF-8, the ellipsis included.</summary>
    public static string Utf8(string text, int bytes) => Of(text, bytes, static rune => rune.Utf8SequenceLength);

    /// <summary>The text in at most so many bytes as gRPC percent-encodes a status message, the ellipsis included.</summary>
    public static string Percent(string text, int bytes) =>
        Of(text, bytes, static rune => rune.Value is >= ' ' and <= '~' and not '%' ? 1 : 3 * rune.Utf8SequenceLength);

    private static string Of(string text, int most, Func<Rune, int> cost)
    {
        var ellipsis = cost(new Rune(Ellipsis[0]));
        int used = 0, at = 0, cut = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            used += cost(rune);
            if (used > most)
            {
                return most < ellipsis ? "" : string.Concat(text.AsSpan(0, cut), Ellipsis);
            }

            at += rune.Utf16SequenceLength;
            if (used + ellipsis <= most)
            {
                cut = at;
            }
        }

        return text;
    }
}
