using System.Globalization;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Filtering;

/// <summary>The refusal of a filter, with the place at which it goes wrong.</summary>
internal static class InvalidFilter
{
    /// <summary>What the caller wrote, cut short: it must not swell the answer's metadata beyond what clients accept.</summary>
    public static string Quote(string text)
    {
        const int most = 40;
        return text.Length <= most ? $"'{text}'" : $"'{text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)]}…'";
    }

    /// <param name="text">The whole filter.</param>
    /// <param name="index">The index in the text, in UTF-16 units.</param>
    /// <param name="advice">What is wrong there and what to write instead.</param>
    public static Fault At(string text, int index, string advice)
    {
        // People count characters, from 1.
        var position = 1;
        foreach (var _ in text.AsSpan(0, Math.Min(index, text.Length)).EnumerateRunes())
        {
            position++;
        }

        return Fault.InvalidFilter($"at character {position}: {advice}").With("position", position.ToString(CultureInfo.InvariantCulture));
    }
}
