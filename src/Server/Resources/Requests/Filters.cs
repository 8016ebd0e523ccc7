using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Requests;

/// <summary>Where a filter is refused until the language is served: better a clear refusal than an answer that ignores it.</summary>
internal static class Filters
{
    public static Fault NotYet() =>
        new(ErrorReason.InvalidFilter, "This release has no filters yet. Leave `filter` empty.")
        {
            Violations = [new FieldViolation("filter", "must be empty in this release")],
        };
}
