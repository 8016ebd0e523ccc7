namespace TaskGrpc.Server.Resources.Requests;

/// <summary>What every text must keep, wherever it stands.</summary>
internal static class TextCheck
{
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
}
