namespace TaskGrpc.Server.Faults;

/// <summary>What is wrong with one field.</summary>
/// <param name="Field">The path as the caller wrote it, for example <c>agent_tasks[3].title</c>.</param>
/// <param name="Description">A sentence that tells what to send instead.</param>
internal readonly record struct FieldViolation(string Field, string Description);
