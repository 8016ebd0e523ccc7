namespace TaskGrpc.Server.Faults;

/// <summary>Cuts short what a caller sent: it must not swell the answer's metadata beyond what clients accept.</summary>
internal static class Clip
{
    public static string Of(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        // Half of a pair is no character.
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), "…");
    }
}
