using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>A time of a kind at which the server acts. The ledger keeps its row in the schedule equal to the resource's state.</summary>
/// <param name="Purpose">What is due then.</param>
/// <param name="At">When, of a resource; null for never.</param>
internal sealed record DurableTime(SchedulePurpose Purpose, Func<IResource, Timestamp?> At)
{
    /// <summary>The one group of each organization's times.</summary>
    public const string Group = "times";
}
