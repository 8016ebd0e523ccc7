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
        return Of(resource, EnumNames<TStatus>.Of(from), "CANCELED", allowed,
            $"Nobody holds the {name} '{resource.Id}', and a {name} has no status CANCELED. Move it with Transition, or delete it.");
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
        var (before, after) = (EnumNames<TStatus>.Of(from), EnumNames<TStatus>.Of(to));
        return Of(resource, before, after, allowed,
            $"This call cannot move the {resource.Descriptor.Name} from {before} to {after} now. {advice}");
    }

    private static Fault Of<TStatus>(IResource resource, string from, string to, IEnumerable<TStatus> allowed, string message)
        where TStatus : struct, Enum =>
        Fault.Precondition(ErrorReason.InvalidTransition, $"{resource.Descriptor.Name}/{resource.Id}", message)
            .With("from", from)
            .With("to", to)
            .With("allowed", Names(allowed, ","));

    private static string Names<TStatus>(IEnumerable<TStatus> statuses, string separator)
        where TStatus : struct, Enum => string.Join(separator, statuses.Select(EnumNames<TStatus>.Of));
}
