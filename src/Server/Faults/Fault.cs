using TaskGrpc.V1;

namespace TaskGrpc.Server.Faults;

/// <summary>A refusal that a caller can act on. Rules and ledger throw it; Calls turns it into a status.</summary>
internal sealed class Fault(ErrorReason reason, string message) : Exception(message)
{
    public ErrorReason Reason { get; } = reason;

    /// <summary>Machine-readable details, sent in ErrorInfo.</summary>
    public Dictionary<string, string> Details { get; } = [];

    /// <summary>What is wrong with which fields, sent in BadRequest as far as it fits; empty for other refusals.</summary>
    public IReadOnlyList<FieldViolation> Violations { get; init; } = [];

    /// <summary>How many violations there are besides <see cref="Violations"/>.</summary>
    public int Untold { get; init; }

    /// <summary>The missing or conflicting resource, sent in ResourceInfo; null for none.</summary>
    public (string Type, string Name)? Resource { get; init; }

    /// <summary>The subject of PreconditionFailure; null if the refusal is not about state.</summary>
    public string? PreconditionSubject { get; init; }

    /// <summary>How long to wait before a retry, sent in RetryInfo; null when waiting does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public Fault With(string key, string value)
    {
        Details[key] = value;
        return this;
    }

    public static Fault InvalidField(string path, string description) =>
        InvalidFields([new FieldViolation(path, description)]);

    public static Fault InvalidFields(IReadOnlyList<FieldViolation> violations, int untold = 0) =>
        new(ErrorReason.InvalidField, Sentence(violations, untold)) { Violations = violations, Untold = untold };

    public static Fault ImmutableFields(IReadOnlyList<FieldViolation> violations) =>
        new(ErrorReason.ImmutableField, Sentence(violations, 0)) { Violations = violations };

    public static Fault InvalidFilter(string description) =>
        new(ErrorReason.InvalidFilter, $"The filter is wrong {description}.") { Violations = [new FieldViolation("filter", description)] };

    public static Fault NotFound(string type, string id) =>
        new(
            ErrorReason.ResourceNotFound,
            $"There is no {type} with the id '{id}'. Check the id and the organization. "
            + "Only Get, BatchGet and List with show_deleted return a deleted one.")
        {
            Resource = (type, id),
        };

    public static Fault EtagMismatch(string type, string id, string current) =>
        new Fault(
            ErrorReason.EtagMismatch,
            $"The {type} '{id}' has changed and no longer has the etag that you sent. Read it again, decide again, and send its new etag.")
        {
            Resource = (type, id),
        }.With("current_etag", current);

    public static Fault Precondition(ErrorReason reason, string subject, string message) =>
        new(reason, message) { PreconditionSubject = subject };

    private static string Sentence(IReadOnlyList<FieldViolation> violations, int untold)
    {
        const int shown = 3;
        var first = string.Join("; ", violations.Take(shown).Select(violation => $"{violation.Field}: {violation.Description}"));
        return violations.Count > shown ? $"{first}; and {violations.Count - shown + untold} more, see BadRequest." : first;
    }
}
