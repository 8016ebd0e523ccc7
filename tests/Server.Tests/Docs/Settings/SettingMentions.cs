using System.Text.RegularExpressions;

namespace TaskGrpc.Server.Tests.Docs.Settings;

/// <summary>The keys of settings in a text, as keys or as environment variables.</summary>
internal static partial class SettingMentions
{
    private static readonly string[] Keys =
        [.. Setting.All.Select(setting => setting.Key), .. FrameworkSettings.Keys.Select(row => row.Key)];

    /// <summary>The keys in a text that the page lacks.</summary>
    public static IEnumerable<string> UnknownIn(string text) => Mention().Matches(text)
        .Select(mention => mention.Value.Replace("__", ":", StringComparison.Ordinal))
        // The command `copy` reads the target's settings below `To:`.
        .Select(key => key.StartsWith("To:", StringComparison.Ordinal) ? key["To:".Length..] : key)
        .Where(key => !Keys.Any(known => IsNamedBy(key, known)));

    /// <summary>
    /// Whether a text names a key: the key itself, a section above it, an item of its list, or several keys by a '*'. In a list of keys,
    /// later keys may leave out the sections of the first.
    /// </summary>
    private static bool IsNamedBy(string mention, string key)
    {
        var (mentioned, known) = (mention.Split(':'), key.Split(':'));
        return Enumerable.Range(0, known.Length).Any(skipped => IsStart(mentioned, known[skipped..]));
    }

    private static bool IsStart(string[] mentioned, string[] known) =>
        mentioned.Zip(known).All(pair => IsSame(pair.First, pair.Second))
        && (mentioned.Length <= known.Length || (mentioned.Length == known.Length + 1 && IsNumber(mentioned[^1])));

    private static bool IsSame(string mentioned, string known) => known.StartsWith('{')
        || (IsNumber(mentioned) && IsNumber(known))
        || (mentioned.StartsWith('*') ? known.EndsWith(mentioned[1..], StringComparison.Ordinal) : mentioned == known);

    private static bool IsNumber(string part) => part.All(char.IsAsciiDigit);

    [GeneratedRegex(@"(?<![\w:./])[A-Z][A-Za-z]*[a-z]((:|__)(\*?[A-Z][A-Za-z.]*[A-Za-z]|\d+)(?!\w))+")]
    private static partial Regex Mention();
}
