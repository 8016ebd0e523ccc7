namespace TaskGrpc.Server.Filtering;

/// <summary>What a wildcard asks of a text, by ordinal. Each provider maps these to its own SQL, because what EF makes of string's own methods ignores case on some.</summary>
internal static class TextSearch
{
    public static bool StartsWith(string text, string part) => text.StartsWith(part, StringComparison.Ordinal);

    public static bool EndsWith(string text, string part) => text.EndsWith(part, StringComparison.Ordinal);

    public static bool Contains(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
