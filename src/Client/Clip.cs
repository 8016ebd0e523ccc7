using System.Text;

namespace TaskGrpc.Client;

/// <summary>Texts of exceptions, which may be too long or too empty for a field.</summary>
internal static class Clip
{
    /// <summary>The bytes of a reason.</summary>
    public const int Reason = 4 * 1024;

    /// <summary>The bytes of an error or a traceback.</summary>
    public const int Error = 64 * 1024;

    private const string Ellipsis = "…";

    /// <summary>The text, or its beginning if it is too long in UTF-8.</summary>
    public static string Text(string text, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes)
        {
            return text;
        }

        var (kept, left) = (0, bytes - Encoding.UTF8.GetByteCount(Ellipsis));
        foreach (var rune in text.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
            {
                break;
            }

            kept += rune.Utf16SequenceLength;
        }

        return text[..kept] + Ellipsis;
    }

    /// <summary>What an exception says; its type if that is nothing that a person could read.</summary>
    public static string Message(Exception exception, int bytes)
    {
        var says = exception.Message.Any(letter => !char.IsWhiteSpace(letter) && !char.IsControl(letter));
        return Text(says ? exception.Message : exception.GetType().FullName ?? exception.GetType().Name, bytes);
    }
}
