namespace TaskGrpc.Server.Faults;

/// <summary>What is wrong with one field. Clips long texts.</summary>
/// <param name="field">The path as the caller wrote it, for example <c>agent_tasks[3].title</c>.</param>
/// <param name="description">A sentence that tells what to send instead.</param>
internal readonly struct FieldViolation(string field, string description)
{
    /// <summary>The longest path that a violation carries, in UTF-16 units.</summary>
    public const int LongestField = 120;

    private const int LongestDescription = 240;

    public string Field { get; } = Clip.Of(field, LongestField);

    public string Description { get; } = Clip.Of(description, LongestDescription);
}
