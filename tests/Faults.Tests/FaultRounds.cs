using System.Globalization;

namespace TaskGrpc.Faults.Tests;

/// <summary>How often a test repeats a fault: a few times by default, TASKGRPC_FAULT_ROUNDS times if that is set.</summary>
internal static class FaultRounds
{
    private static readonly string? Wanted = Environment.GetEnvironmentVariable("TASKGRPC_FAULT_ROUNDS");

    /// <summary>Whether TASKGRPC_FAULT_ROUNDS is set, and with it the full load.</summary>
    public static bool AreMany => Wanted is not null;

    public static int Or(int few) => Wanted is null ? few : int.Parse(Wanted, CultureInfo.InvariantCulture);
}
