using System.Collections.Concurrent;

namespace TaskGrpc.Server.Storage.Postgres.Replicas;

/// <summary>
/// The highest head of each organization's log that this replica has seen. A lower head in the same epoch means that the log has lost its
/// end: a standby that lagged was promoted, or a backup was restored.
/// </summary>
internal sealed class SeenHeads
{
    /// <summary>About 20 MiB. Forgetting a head may hide a lost end, but a token beyond that end still shows it.</summary>
    private const int MostRemembered = 100_000;

    private readonly ConcurrentDictionary<string, LogHead> _seen = [];

    /// <summary>Remembers a head, unless an earlier one was higher (true): the log has lost its end, or this read is too old.</summary>
    /// <param name="organizationId">The organization of the log.</param>
    /// <param name="head">The head that was read.</param>
    /// <param name="hadRow">Whether the head is from the organization's own row; false for the store's head, which stands for a missing
    /// row.</param>
    /// <param name="highest">The highest revision seen in its epoch.</param>
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

    /// <summary>The epoch seen last; null if none was.</summary>
    public Guid? EpochOf(string organizationId) => _seen.TryGetValue(organizationId, out var seen) ? seen.Epoch : null;

    /// <summary>Remembers a head that this replica has committed or its watches have read, once the log has a change.</summary>
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
