using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>The refusal of a move that a lifecycle does not have, the same for every kind.</summary>
internal static class InvalidTransition
{
    public static Fault Of<TStatus>(IResource resource, TStatus from, TStatus to, IEnumerable<TStatus> allowed)
        where TStatus : struct, Enum
    {
        var open = string.Join(", ", allowed.Select(StatusNames<TStatus>.Of));
        var name = resource.Descriptor.Name;
        var advice = open.Length > 0 ? $"From here a Transition accepts {open}." : "No Transition leads on from here.";
        return Fault.Precondition(ErrorReason.InvalidTransition, $"{name}/{resource.Id}", $"The {name} cannot move from {StatusNames<TStatus>.Of(from)} to {StatusNames<TStatus>.Of(to)} by this call as it stands. {advice}")
            .With("from", StatusNames<TStatus>.Of(from))
            .With("to", StatusNames<TStatus>.Of(to))
            .With("allowed", open.Replace(" ", "", StringComparison.Ordinal));
    }
}
