namespace TaskGrpc.Server.Faults;

/// <summary>What is wrong with one field. Long texts are clipped: what a caller sent must not swell the answer's metadata beyond what clients accept.</summary>
/// <param name="field">The path as the caller wrote it, for example <c>agent_tasks[3].title</c>.</param>
/// <param name="description">A sentence that tells what to send instead.</param>
internal readonly struct FieldViolation(string field, string description)
{
    private const int LongestField = 120;
    private const int LongestDescription = 240;

    public string Field { get; } = Clip(field, LongestField);

    public string Description { get; } = Clip(description, LongestDescription);

    private static string Clip(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length), "…");
}
