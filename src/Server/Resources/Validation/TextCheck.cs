namespace TaskGrpc.Server.Resources.Validation;

/// <summary>The rules for every text.</summary>
internal static class TextCheck
{
    public const string Blank = "must not be blank: send at least one visible character";

    public static int CodePoints(string text)
    {
        var count = text.Length;
        foreach (var unit in text)
        {
            // The second half of a surrogate pair is not another character.
            if (char.IsLowSurrogate(unit))
            {
                count--;
            }
        }

        return count;
    }

    /// <summary>What is wrong with the text, or null. PostgreSQL cannot store U+0000.</summary>
    public static string? Flaw(string text) => text.Contains('\0') ? "must not contain the character U+0000" : null;

    /// <summary>
    /// What is wrong with a new name or key, or null. Older releases stored names with these flaws, so calls that only look a name up skip
    /// this check.
    /// </summary>
    public static string? NameFlaw(string name) =>
        !VisibleText.IsIn(name) ? Blank
        : char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]) ? "must not begin or end with white space"
        : null;
}
