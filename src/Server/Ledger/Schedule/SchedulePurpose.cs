namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>What is due at a time of the schedule. The numbers are stored.</summary>
internal enum SchedulePurpose
{
    /// <summary>An attempt to deliver; while one runs, the end of its lease.</summary>
    Delivery = 1,

    /// <summary>The next step of a cascade.</summary>
    Cascade = 2,

    /// <summary>The end of a worker's lease.</summary>
    Lease = 3,

    /// <summary>The time before which a task cannot be claimed.</summary>
    NotBefore = 4,

    /// <summary>The time at which a task becomes overdue.</summary>
    Due = 5,

    /// <summary>The end of a request for approval.</summary>
    Approval = 6,
}
