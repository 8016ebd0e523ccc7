namespace TaskGrpc.Server.Ledger.Committing;

internal enum QueueAnswer
{
    Taken,
    Full,
    FullForOrganization,
    Completed,
}
