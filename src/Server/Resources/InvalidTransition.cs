using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>The refusal of a move that a lifecycle does not have, the same for every kind.</summary>
internal static class InvalidTransition
{
    /// <summary>For kinds that move by a Transition.</summary>
    public static Fault Of<TStatus>(IResource resource, TStatus from, TStatus to, IEnumerable<TStatus> allowed)
        where TStatus : struct, Enum
    {
        TStatus[] open = [.. allowed];
        return Of(resource, from, to, open, open.Length > 0 ? $"From here a Transition accepts {Names(open, ", ")}." : "No Transition leads on from here.");
    }

    /// <summary>For kinds that move by verbs of their own.</summary>
    public static Fault Of<TStatus>(IResource resource, TStatus from, TStatus to, StateMachine<TStatus> machine, params string[] verbs)
        where TStatus : struct, Enum
    {
        var open = verbs.SelectMany(verb => machine.Targets(from, verb), (verb, target) => (verb, target)).ToArray();
        var advice = open.Length > 0 ? $"From here {string.Join(", ", open.Select(move => $"{move.verb} leads to {EnumNames<TStatus>.Of(move.target)}"))}." : "No call leads on from here.";
        return Of(resource, from, to, [.. open.Select(move => move.target)], advice);
    }

    private static Fault Of<TStatus>(IResource resource, TStatus from, TStatus to, TStatus[] allowed, string advice)
        where TStatus : struct, Enum
    {
        var name = resource.Descriptor.Name;
        return Fault.Precondition(ErrorReason.InvalidTransition, $"{name}/{resource.Id}", $"The {name} cannot move from {EnumNames<TStatus>.Of(from)} to {EnumNames<TStatus>.Of(to)} by this call as it stands. {advice}")
            .With("from", EnumNames<TStatus>.Of(from))
            .With("to", EnumNames<TStatus>.Of(to))
            .With("allowed", Names(allowed, ","));
    }

    private static string Names<TStatus>(IEnumerable<TStatus> statuses, string separator)
        where TStatus : struct, Enum => string.Join(separator, statuses.Select(EnumNames<TStatus>.Of));
}
