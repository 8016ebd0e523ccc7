namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>What is due at a time of the schedule. The numbers are stored.</summary>
internal enum SchedulePurpose
{
    /// <summary>An attempt to deliver; while one runs, the end of its lease.</summary>
    Delivery = 1,

    /// <summary>The next step of a cascade.</summary>
    Cascade = 2,
}
