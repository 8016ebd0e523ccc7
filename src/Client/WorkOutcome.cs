namespace TaskGrpc.Client;

/// <summary>How one piece of work ended for its worker.</summary>
internal enum WorkOutcome
{
    /// <summary>The handler returned, and the server has its result.</summary>
    Completed,

    /// <summary>The handler threw, and the server has its error.</summary>
    Failed,

    /// <summary>The handler stopped because the cancel was requested.</summary>
    Canceled,

    /// <summary>The work went back, because the worker stops or cannot do it now.</summary>
    Released,

    /// <summary>The handler ended the lease itself.</summary>
    Ended,

    /// <summary>The lease was lost, and nothing was written.</summary>
    Lost,

    /// <summary>The server refused the end, or was not there until the worker stopped.</summary>
    Unknown,
}
