using System.Collections.Concurrent;

namespace TaskGrpc.Server.Storage.Postgres.Replicas;

/// <summary>
/// How far this replica has seen each organization's log reach. A head below that, within the same epoch, says that the database lost its
/// end: a standby that lagged behind was promoted, or a backup was restored.
/// </summary>
internal sealed class SeenHeads
{
    /// <summary>About 20 MiB; forgetting costs a chance to notice, and tokens that reach beyond the log tell of it all the same.</summary>
    private const int MostRemembered = 100_000;

    private readonly ConcurrentDictionary<string, LogHead> _seen = [];

    /// <summary>
    /// Remembers a head that was read, unless an earlier one was higher: then the log has fallen, or the read came before the last commit.
    /// </summary>
    /// <param name="organizationId">Whose log it is.</param>
    /// <param name="head">The head that was read.</param>
    /// <param name="hadRow">Whether it is the organization's own; the store's stands for a log that has lost even its first change.</param>
    /// <param name="highest">The highest revision that was seen of its epoch.</param>
    public bool HasFallen(string organizationId, LogHead head, bool hadRow, out long highest)
    {
        if (_seen.TryGetValue(organizationId, out var seen) && seen.Revision > head.Revision && (seen.Epoch == head.Epoch || !hadRow))
        {
            highest = seen.Revision;
            return true;
        }

        highest = head.Revision;
        Note(organizationId, head);
        return false;
    }

    /// <summary>The epoch that was seen last; null if none was.</summary>
    public Guid? EpochOf(string organizationId) => _seen.TryGetValue(organizationId, out var seen) ? seen.Epoch : null;

    /// <summary>
    /// Remembers a head that this replica has committed, or that its watches have been shown. Before the first change there is nothing to
    /// lose.
    /// </summary>
    public void Note(string organizationId, LogHead head)
    {
        if (head.Revision == 0)
        {
            return;
        }

        if (_seen.Count >= MostRemembered && !_seen.ContainsKey(organizationId))
        {
            _seen.Clear();
        }

        _seen.AddOrUpdate(organizationId, head, (_, seen) => seen.Epoch == head.Epoch && seen.Revision > head.Revision ? seen : head);
    }
}
