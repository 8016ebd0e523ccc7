using YamlDotNet.Core;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>
/// A YAML text as the scanner may read it. The scanner knows YAML 1.1, where U+0085, U+2028 and U+2029 end a line; in YAML 1.2 they are letters like others. It
/// reads other letters in their place, which do not occur in the text, and what it has read gets them back.
/// </summary>
internal sealed class YamlSource
{
    private const char ByteOrderMark = '\uFEFF';
    private const char FirstStandIn = '\uE000';
    private const char LastStandIn = '\uF8FF';

    private static readonly char[] OldBreaks = ['\u0085', '\u2028', '\u2029'];

    private readonly char[] _standIns = [];

    /// <exception cref="DefinitionException">A control character, which YAML does not have.</exception>
    public YamlSource(string text)
    {
        Text = text.StartsWith(ByteOrderMark) ? text[1..] : text;
        RequireNoControls(Text);
        if (Text.AsSpan().IndexOfAny(OldBreaks) < 0)
        {
            return;
        }

        _standIns = StandIns(Text);
        Text = Exchanged(Text, OldBreaks, _standIns);
    }

    /// <summary>What the scanner reads.</summary>
    public string Text { get; }

    /// <summary>A text that the scanner has read, as it was written.</summary>
    public string Restore(string read) => Exchanged(read, _standIns, OldBreaks);

    private static string Exchanged(string text, char[] from, char[] to)
    {
        for (var i = 0; i < from.Length; i++)
        {
            text = text.Replace(from[i], to[i]);
        }

        return text;
    }

    /// <summary>Letters of the private use area that the text has neither as they are nor as an escape.</summary>
    private static char[] StandIns(string text)
    {
        var free = Enumerable.Range(FirstStandIn, LastStandIn - FirstStandIn + 1)
            .Where(letter => !text.Contains((char)letter) && !text.Contains($"{letter:X4}", StringComparison.OrdinalIgnoreCase))
            .Take(OldBreaks.Length)
            .Select(letter => (char)letter)
            .ToArray();
        return free.Length == OldBreaks.Length ? free
            : throw new DefinitionException(Mark.Empty, "the definition uses all letters of the private use area beside U+0085, U+2028 or U+2029; leave those out");
    }

    private static void RequireNoControls(string text)
    {
        var (line, column) = (1, 1);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter is < ' ' and not ('\t' or '\n' or '\r') or '\uFFFE' or '\uFFFF')
            {
                throw new DefinitionException(new Mark(i, line, column), $"text must not contain the character U+{(int)letter:X4}; write it as an escape in double quotes");
            }

            var isBreak = letter == '\n' || (letter == '\r' && !(i + 1 < text.Length && text[i + 1] == '\n'));
            (line, column) = isBreak ? (line + 1, 1) : (line, column + 1);
        }
    }
}
