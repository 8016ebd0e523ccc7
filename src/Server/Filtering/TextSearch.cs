namespace TaskGrpc.Server.Filtering;

/// <summary>The ordinal searches of a wildcard. Each provider maps them to its own SQL: EF's translation ignores case on some.</summary>
internal static class TextSearch
{
    public static bool StartsWith(string text, string part) => text.StartsWith(part, StringComparison.Ordinal);

    public static bool EndsWith(string text, string part) => text.EndsWith(part, StringComparison.Ordinal);

    public static bool Contains(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
