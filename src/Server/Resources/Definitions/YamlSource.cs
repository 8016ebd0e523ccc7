using YamlDotNet.Core;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>
/// A YAML text prepared for the scanner. The scanner implements YAML 1.1, where U+0085, U+2028 and U+2029 end a line; in YAML 1.2
/// they are ordinary characters. So unused private-use characters replace them, and <see cref="Restore"/> puts them back.
/// </summary>
internal sealed class YamlSource
{
    private const char ByteOrderMark = '\uFEFF';
    private const char FirstStandIn = '\uE000';
    private const char LastStandIn = '\uF8FF';

    private static readonly char[] OldBreaks = ['\u0085', '\u2028', '\u2029'];

    private readonly char[] _standIns = [];

    /// <exception cref="DefinitionException">The text has a control character, which YAML forbids.</exception>
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

    public string Text { get; }

    public string Restore(string read) => Exchanged(read, _standIns, OldBreaks);

    private static string Exchanged(string text, char[] from, char[] to)
    {
        for (var i = 0; i < from.Length; i++)
        {
            text = text.Replace(from[i], to[i]);
        }

        return text;
    }

    /// <summary>Private-use characters that the text contains neither literally nor as an escape.</summary>
    private static char[] StandIns(string text)
    {
        var free = Enumerable.Range(FirstStandIn, LastStandIn - FirstStandIn + 1)
            .Where(letter => !text.Contains((char)letter) && !text.Contains($"{letter:X4}", StringComparison.OrdinalIgnoreCase))
            .Take(OldBreaks.Length)
            .Select(letter => (char)letter)
            .ToArray();
        return free.Length == OldBreaks.Length ? free
            : throw new DefinitionException(
                Mark.Empty, "the definition uses every private-use character beside U+0085, U+2028 or U+2029; remove those three");
    }

    private static void RequireNoControls(string text)
    {
        var (line, column) = (1, 1);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter is < ' ' and not ('\t' or '\n' or '\r') or '\uFFFE' or '\uFFFF')
            {
                throw new DefinitionException(new Mark(i, line, column),
                    $"text must not contain the character U+{(int)letter:X4}; write it as an escape in double quotes");
            }

            var isBreak = letter == '\n' || (letter == '\r' && !(i + 1 < text.Length && text[i + 1] == '\n'));
            (line, column) = isBreak ? (line + 1, 1) : (line, column + 1);
        }
    }
}
