using System.Text.RegularExpressions;

namespace TaskGrpc.Server.Resources.Definitions;

/// <summary>
/// A reference to an upstream task's output in a text: <c>{{task.output}}</c> or <c>{{task.output.a.b}}</c>. Any other text in double
/// braces belongs to the executor and stays unchanged.
/// </summary>
/// <param name="Text">The text between the braces, trimmed.</param>
/// <param name="Task">The task's name.</param>
/// <param name="Path">The keys below the output; empty for all of it.</param>
/// <param name="Start">Where the reference begins in the text.</param>
/// <param name="Length">How long it is, braces included.</param>
internal sealed record OutputReference(string Text, string Task, string[] Path, int Start, int Length)
{
    // NonBacktracking, because callers send the text.
    private static readonly Regex Braces = new(@"\{\{\s*(?<text>(?<task>[^{}]+?)\.output(?<path>(\.[^{}.\s]+)*))\s*\}\}",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    public static IEnumerable<OutputReference> In(string text) => Braces.Matches(text).Select(match => new OutputReference(
        match.Groups["text"].Value,
        match.Groups["task"].Value,
        match.Groups["path"].Value.Split('.', StringSplitOptions.RemoveEmptyEntries),
        match.Index,
        match.Length));
}
