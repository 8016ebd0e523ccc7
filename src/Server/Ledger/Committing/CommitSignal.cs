namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>Tells, strictly after COMMIT, which changes an organization's log has gained. It is raised on the lane's thread: be brief.</summary>
internal sealed class CommitSignal
{
    public event Action<string, IReadOnlyList<LoggedChange>>? Committed;

    public void Raise(string organizationId, IReadOnlyList<LoggedChange> changes) => Committed?.Invoke(organizationId, changes);
}
