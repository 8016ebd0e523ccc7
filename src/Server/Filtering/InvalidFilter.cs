using System.Globalization;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Filtering;

/// <summary>The refusal of a filter, with the position of the mistake.</summary>
internal static class InvalidFilter
{
    private const int LongestQuote = 40;

    /// <summary>The caller's text in quotes, shortened.</summary>
    public static string Quote(string text) => $"'{Clip.Of(text, LongestQuote)}'";

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
