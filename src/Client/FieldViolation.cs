namespace TaskGrpc.Client;

/// <summary>The error in one field of a request.</summary>
/// <param name="Field">The field's path, for example <c>agent_task.title</c>.</param>
/// <param name="Description">What to send instead.</param>
public sealed record FieldViolation(string Field, string Description);
