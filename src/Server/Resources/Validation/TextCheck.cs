namespace TaskGrpc.Server.Resources.Validation;

/// <summary>What every text must keep, wherever it stands.</summary>
internal static class TextCheck
{
    public const string Blank = "must not be blank: send at least one visible character";

    public static int CodePoints(string text)
    {
        var count = text.Length;
        foreach (var unit in text)
        {
            // The second half of a pair is not a character of its own.
            if (char.IsLowSurrogate(unit))
            {
                count--;
            }
        }

        return count;
    }

    /// <summary>Says what is wrong with the text, or null. U+0000 cannot be stored by every database that this server speaks to.</summary>
    public static string? Flaw(string text) => text.Contains('\0') ? "must not contain the character U+0000" : null;

    /// <summary>
    /// Says what is wrong with a name or key that is stored for the first time, or null. Names that older releases stored may have the flaws
    /// that this finds, so calls that only look a name up do not ask.
    /// </summary>
    public static string? NameFlaw(string name) =>
        !VisibleText.IsIn(name) ? Blank
        : char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]) ? "must neither begin nor end with white space"
        : null;
}
