using System.Globalization;

namespace TaskGrpc.Faults.Tests;

/// <summary>How often a fault is repeated: a few times in the suite, and as often as TASKGRPC_FAULT_ROUNDS says when somebody has the time.</summary>
internal static class FaultRounds
{
    private static readonly string? Wanted = Environment.GetEnvironmentVariable("TASKGRPC_FAULT_ROUNDS");

    /// <summary>Whether somebody has the time, and with it for the full load.</summary>
    public static bool AreMany => Wanted is not null;

    public static int Or(int few) => Wanted is null ? few : int.Parse(Wanted, CultureInfo.InvariantCulture);
}
