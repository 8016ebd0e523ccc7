using System.Text.RegularExpressions;

namespace TaskGrpc.Server.Tests.Docs.Settings;

/// <summary>The parts of a setting's doc comment: 'What it does. Default: 4; range 1 to 64. What else matters.'</summary>
/// <param name="What">What the setting does.</param>
/// <param name="Default">The default; null if the comment says 'Required.' instead.</param>
/// <param name="Range">The range; null if the comment names none.</param>
internal sealed partial record SettingComment(string What, string? Default, string? Range)
{
    /// <summary>The comment of a setting; null if it does not have this form.</summary>
    public static SettingComment? Of(Setting setting)
    {
        var parts = Form().Match(DocComments.Of(setting.Property) ?? "");
        return parts.Success
            ? new($"{parts.Groups["what"].Value} {parts.Groups["more"].Value}".Trim(), Part("default"), Part("range"))
            : null;

        string? Part(string name) => parts.Groups[name] is { Success: true, Value: var value } ? value : null;
    }

    /// <summary>The difference between the comment and the code; null if there is none.</summary>
    public static string? DifferenceOf(Setting setting)
    {
        if (Of(setting) is not { } comment)
        {
            return $"{setting.Key} needs a comment like 'What it does. Default: 4; range 1 to 64.', or 'What it does. Required.'";
        }

        if (setting.IsRequired != comment.Default is null)
        {
            return $"{setting.Key} is {(setting.IsRequired ? "" : "not ")}required.";
        }

        // Only the comment says what a setting without a default value means.
        var value = setting.IsOpen ? comment.Default : InWords(setting.Default!);
        var range = setting.Range is var (least, most) ? $"{InWords(least)} to {InWords(most)}" : null;
        return comment.Default != value ? $"{setting.Key} has the default '{value}', its comment '{comment.Default}'."
            : comment.Range != range ? $"{setting.Key} has the range '{range}', its comment '{comment.Range}'."
            : null;

        string InWords(object value) => SettingText.InWords(value, setting.IsBytes);
    }

    [GeneratedRegex(@"^(?<what>.+?\.) (?:Default: (?<default>.+?)(?:; range (?<range>.+?))?|Required)\.(?: (?<more>.+\.))?$")]
    private static partial Regex Form();
}
