using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>The refusal, in every kind, of a move that the lifecycle does not allow.</summary>
internal static class InvalidTransition
{
    /// <summary>For kinds that move by a Transition.</summary>
    public static Fault Of<TStatus>(IResource resource, TStatus from, TStatus to, IEnumerable<TStatus> allowed)
        where TStatus : struct, Enum
    {
        TStatus[] open = [.. allowed];
        var advice = open.Length > 0 ? $"A Transition now accepts {Names(open, ", ")}." : "No Transition leaves this status now.";
        return Of(resource, from, to, open, advice);
    }

    /// <summary>For kinds that have no CANCELED.</summary>
    public static Fault OfCancel<TStatus>(IResource resource, TStatus from, IEnumerable<TStatus> allowed)
        where TStatus : struct, Enum
    {
        var name = resource.Descriptor.Name;
        return Fault.Precondition(
            ErrorReason.InvalidTransition,
            $"{name}/{resource.Id}",
            $"Nobody holds the {name} '{resource.Id}', and a {name} has no status CANCELED. Move it with Transition, or delete it.")
            .With("from", EnumNames<TStatus>.Of(from))
            .With("to", "CANCELED")
            .With("allowed", Names(allowed, ","));
    }

    /// <summary>For kinds that move by verbs of their own.</summary>
    public static Fault Of<TStatus>(IResource resource, TStatus from, TStatus to, StateMachine<TStatus> machine, params string[] verbs)
        where TStatus : struct, Enum
    {
        var open = verbs.SelectMany(verb => machine.Targets(from, verb), (verb, target) => (verb, target)).ToArray();
        var moves = open.Select(move => $"{move.verb} to {EnumNames<TStatus>.Of(move.target)}");
        var advice = open.Length > 0 ? $"Possible now: {string.Join(", ", moves)}." : "No call leaves this status.";
        return Of(resource, from, to, [.. open.Select(move => move.target)], advice);
    }

    private static Fault Of<TStatus>(IResource resource, TStatus from, TStatus to, TStatus[] allowed, string advice)
        where TStatus : struct, Enum
    {
        var name = resource.Descriptor.Name;
        return Fault.Precondition(
            ErrorReason.InvalidTransition,
            $"{name}/{resource.Id}",
            $"This call cannot move the {name} from {EnumNames<TStatus>.Of(from)} to {EnumNames<TStatus>.Of(to)} now. {advice}")
            .With("from", EnumNames<TStatus>.Of(from))
            .With("to", EnumNames<TStatus>.Of(to))
            .With("allowed", Names(allowed, ","));
    }

    private static string Names<TStatus>(IEnumerable<TStatus> statuses, string separator)
        where TStatus : struct, Enum => string.Join(separator, statuses.Select(EnumNames<TStatus>.Of));
}
