using System.Collections.Concurrent;

namespace TaskGrpc.Server.Filtering;

/// <summary>Filters that were read before: who looks at the same view again and again has it read once.</summary>
internal static class ParsedFilters
{
    /// <summary>Filters, and the characters of each, that are kept: what a stranger can make the server remember is bounded by their product.</summary>
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
