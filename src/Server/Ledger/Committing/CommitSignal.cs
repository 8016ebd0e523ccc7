namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>Announces new changes of an organization's log, strictly after COMMIT, on the lane's thread: handlers must be brief.</summary>
internal sealed class CommitSignal
{
    public event Action<string, IReadOnlyList<LoggedChange>>? Committed;

    public void Raise(string organizationId, IReadOnlyList<LoggedChange> changes) => Committed?.Invoke(organizationId, changes);
}
