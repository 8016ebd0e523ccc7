using System.Globalization;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// The log after a place in it, from memory or, where that no longer reaches back, from the store in pages. A page is read to its
/// end before anything is written to the network, so a slow reader holds no read transaction.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="organizationId">Whose log it is.</param>
/// <param name="ids">The resources to whose changes a read from the store keeps; empty for all. Memory hands out all either way.</param>
internal sealed class ChangeFeed(TaskStore store, string organizationId, IReadOnlyCollection<Guid> ids)
{
    /// <summary>How many changes are read at once.</summary>
    private const int PageRows = 256;

    /// <summary>How many bytes of the log one read takes from the store at most, but for a single larger change.</summary>
    private const int PageBytes = 1024 * 1024;

    /// <summary>Reads on. The page is empty once the end of the log is reached.</summary>
    /// <param name="tail">Where recent changes are held.</param>
    /// <param name="position">Where the page before ended.</param>
    /// <param name="page">Receives the changes; emptied first.</param>
    /// <param name="cancellationToken">Ends the wait for a reader.</param>
    /// <returns>The new place, and whether the log goes on after it.</returns>
    /// <exception cref="Fault">REVISION_COMPACTED: the log no longer reaches back that far.</exception>
    public ValueTask<(LogPosition Position, bool More)> ReadAsync(OrganizationTail tail, LogPosition position, List<LoggedChange> page, CancellationToken cancellationToken)
    {
        page.Clear();
        return tail.TryRead(position, PageRows, page)
            ? ValueTask.FromResult((page.Count > 0 ? LogPosition.After(page[^1]) : position, page.Count == PageRows))
            : ReadStoreAsync(tail, position, page, cancellationToken);
    }

    /// <summary>Reads on from the store, whatever memory holds. The page is empty once the head of the log is reached.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async ValueTask<(LogPosition Position, bool More)> ReadStoreAsync(OrganizationTail tail, LogPosition position, List<LoggedChange> page, CancellationToken cancellationToken)
    {
        page.Clear();
        using var rented = await store.RentAsync(organizationId, cancellationToken);
        var (next, more, _) = Read(rented.Reader, position, page, PageRows, tail.Known.Epoch);
        return (next, more);
    }

    /// <summary>Reads on from the store, adding to the page.</summary>
    /// <param name="reader">The store.</param>
    /// <param name="position">Where the page before ended.</param>
    /// <param name="page">Receives the changes.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="epoch">The history to which the position belongs.</param>
    /// <returns>The new place, whether the log goes on after it, and where the log stood.</returns>
    /// <exception cref="Fault">REVISION_COMPACTED, EPOCH_CHANGED.</exception>
    public (LogPosition Position, bool More, LogHead Head) Read(
        StoreReader reader, LogPosition position, List<LoggedChange> page, int limit, Guid epoch)
    {
        // The head is read in the same moment as the log: read before, a compaction in between would pass unseen.
        using var view = reader.OpenView();
        var head = reader.Head();
        RequireKept(position.Progress, head);
        if (epoch != head.Epoch)
        {
            throw WatchStart.EpochChanged();
        }

        var rows = ids.Count > 0
            ? reader.LogOf(ids, position.Revision, position.Ordinal, limit)
            : reader.Log(position.Revision, position.Ordinal, limit);
        var (count, size) = (0, 0);
        foreach (var row in rows)
        {
            var change = LoggedChange.Of(row);
            page.Add(change);
            position = LogPosition.After(change);
            size += row.Body.Length;
            if (++count == limit || size >= PageBytes)
            {
                return (position, true, head);
            }
        }

        // Nothing is left up to the head, so that is how far this has come.
        return (LogPosition.After(Math.Max(head.Revision, position.Revision)), false, head);
    }

    /// <exception cref="Fault">REVISION_COMPACTED.</exception>
    public static void RequireKept(long revision, LogHead head)
    {
        if (revision < head.CompactedRevision)
        {
            // The field takes the revision before the first change that is wanted. It is one that was taken, even where no change is kept.
            var (oldest, before) = (Text(head.CompactedRevision + 1), Text(head.CompactedRevision));
            throw new Fault(
                ErrorReason.RevisionCompacted,
                $"The changes after revision {Text(revision)} are no longer kept; the log now begins with revision {oldest}. Take a snapshot, "
                + $"or set after_revision to {before} and leave resume_token and page_token unset.")
                .With("oldest_revision", oldest)
                .With("after_revision", before);
        }
    }

    /// <exception cref="Fault">REVISION_IN_FUTURE.</exception>
    public static void RequireTaken(long revision, LogHead head)
    {
        if (revision > head.Revision)
        {
            throw new Fault(ErrorReason.RevisionInFuture, $"Revision {revision} has not been taken yet; the log stands at {head.Revision}. Start at or before that.")
                .With("current_revision", Text(head.Revision));
        }
    }

    private static string Text(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
