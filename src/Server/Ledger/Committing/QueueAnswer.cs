namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>Whether a command was queued, and if not, why.</summary>
internal enum QueueAnswer
{
    Taken,
    Full,
    FullForOrganization,
    Completed,
}
