using System.Globalization;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// Reads the log after a position, from memory or, where memory no longer has it, from the store in pages. It reads a whole page before
/// anything is written to the network, so a slow reader holds no read transaction.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="organizationId">The organization of the log.</param>
/// <param name="ids">The resources whose changes a read from the store returns; empty for all. Memory always returns all changes.</param>
internal sealed class ChangeFeed(TaskStore store, string organizationId, IReadOnlyCollection<Guid> ids)
{
    /// <summary>How many changes one read returns at most.</summary>
    private const int PageRows = 256;

    /// <summary>How many bytes of the log one read from the store returns at most, unless a single change is larger.</summary>
    private const int PageBytes = 1024 * 1024;

    /// <summary>Reads the next page, which is empty at the end of the log.</summary>
    /// <param name="tail">Has the recent changes.</param>
    /// <param name="position">The end of the page before.</param>
    /// <param name="page">Receives the changes; emptied first.</param>
    /// <param name="cancellationToken">Ends the wait for a reader.</param>
    /// <returns>The new position, and whether the log has more.</returns>
    /// <exception cref="Fault">REVISION_COMPACTED: the log no longer has these changes.</exception>
    public ValueTask<(LogPosition Position, bool More)> ReadAsync(
        OrganizationTail tail, LogPosition position, List<LoggedChange> page, CancellationToken cancellationToken)
    {
        page.Clear();
        return tail.TryRead(position, PageRows, page)
            ? ValueTask.FromResult((page.Count > 0 ? LogPosition.After(page[^1]) : position, page.Count == PageRows))
            : ReadStoreAsync(tail, position, page, cancellationToken);
    }

    /// <summary>Reads the next page from the store, even if memory has it. The page is empty at the head of the log.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async ValueTask<(LogPosition Position, bool More)> ReadStoreAsync(
        OrganizationTail tail, LogPosition position, List<LoggedChange> page, CancellationToken cancellationToken)
    {
        page.Clear();
        using var rented = await store.RentAsync(organizationId, cancellationToken);
        var (next, more, _) = Read(rented.Reader, position, page, PageRows, tail.Known.Epoch);
        return (next, more);
    }

    /// <summary>Reads from the store and adds to the page.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="position">The end of the page before.</param>
    /// <param name="page">Receives the changes.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="epoch">The history that the position belongs to.</param>
    /// <returns>The new position, whether the log has more, and the log's head.</returns>
    /// <exception cref="Fault">REVISION_COMPACTED, EPOCH_CHANGED.</exception>
    public (LogPosition Position, bool More, LogHead Head) Read(
        StoreReader reader, LogPosition position, List<LoggedChange> page, int limit, Guid epoch)
    {
        // The view shows the head and the log at one moment. If the head came first, a compaction in between would go unnoticed.
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

        // Everything up to the head has been read.
        return (LogPosition.After(Math.Max(head.Revision, position.Revision)), false, head);
    }

    /// <exception cref="Fault">REVISION_COMPACTED.</exception>
    public static void RequireKept(long revision, LogHead head)
    {
        if (revision < head.CompactedRevision)
        {
            // after_revision is the revision before the first wanted change. That revision exists, even if the log has no change.
            var (oldest, before) = (Text(head.CompactedRevision + 1), Text(head.CompactedRevision));
            throw new Fault(
                ErrorReason.RevisionCompacted,
                $"The log no longer has the changes after revision {Text(revision)}; it begins with revision {oldest}. Take a snapshot, "
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
            throw new Fault(
                ErrorReason.RevisionInFuture,
                $"Revision {revision} does not exist yet; the last is {head.Revision}. Start at or before that.")
                .With("current_revision", Text(head.Revision));
        }
    }

    private static string Text(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
