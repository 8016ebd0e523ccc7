using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>Brings a tail up to what other replicas have committed.</summary>
internal static class TailCatchUp
{
    /// <summary>How many changes are read at once.</summary>
    private const int PageRows = 256;

    /// <summary>Reads on from the store, up to the end of the log.</summary>
    public static async Task RunAsync(OrganizationTail tail, TaskStore store, CancellationToken cancellationToken)
    {
        var feed = new ChangeFeed(store, tail.OrganizationId, ids: []);
        var (position, more, size) = (tail.End, tail.IsStarted, 0L);
        var unfinished = new List<LoggedChange>();
        while (more)
        {
            using var rented = await store.RentAsync(tail.OrganizationId, cancellationToken);
            var begin = unfinished.Count;
            LogHead head;
            try
            {
                (position, more, head) = feed.Read(rented.Reader, position, unfinished, PageRows, tail.Known.Epoch);
            }
            catch (Fault fault) when (fault.Reason == ErrorReason.RevisionCompacted)
            {
                // The log does not hold any more what the tail needs next.
                tail.SkipTo(rented.Reader.Head().Revision);
                return;
            }

            size += unfinished.Skip(begin).Sum(change => (long)change.Body.Length);
            if (more && size > tail.RecentBytes)
            {
                // The rest would push out of memory what was only just put there.
                tail.SkipTo(head.Revision);
                return;
            }

            // Memory holds a revision as a whole or not at all, wherever a page ends.
            if (position.IsComplete && unfinished.Count > 0)
            {
                tail.TryAppend(unfinished);
                unfinished.Clear();
            }
        }
    }
}
