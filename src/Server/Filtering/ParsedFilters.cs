using System.Collections.Concurrent;

namespace TaskGrpc.Server.Filtering;

/// <summary>A cache of parsed filters, because callers repeat the same ones.</summary>
internal static class ParsedFilters
{
    /// <summary>How many filters are kept, of how many characters each. This bounds what callers can make the server keep.</summary>
    private const int Most = 256;
    private const int MostCharacters = 512;

    private static readonly ConcurrentDictionary<string, FilterNode> Parsed = new(StringComparer.Ordinal);

    /// <exception cref="Faults.Fault">INVALID_FILTER, with the position in the text.</exception>
    public static FilterNode Parse(string text)
    {
        if (Parsed.TryGetValue(text, out var known))
        {
            return known;
        }

        var node = FilterParser.Parse(text);
        if (text.Length <= MostCharacters)
        {
            if (Parsed.Count >= Most)
            {
                Parsed.Clear();
            }

            Parsed.TryAdd(text, node);
        }

        return node;
    }
}
