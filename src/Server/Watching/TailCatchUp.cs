using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>Reads into a tail what other replicas have committed.</summary>
internal static class TailCatchUp
{
    /// <summary>How many changes one read returns at most.</summary>
    private const int PageRows = 256;

    /// <summary>Reads from the store, up to the end of the log.</summary>
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
                // The log no longer has what the tail needs next.
                tail.SkipTo(rented.Reader.Head().Revision);
                return;
            }

            size += unfinished.Skip(begin).Sum(change => (long)change.Body.Length);
            if (more && size > tail.RecentBytes)
            {
                // The rest would push out of memory what was just read into it.
                tail.SkipTo(head.Revision);
                return;
            }

            // A page can end within a revision, but memory has all of a revision or nothing.
            if (position.IsComplete && unfinished.Count > 0)
            {
                tail.TryAppend(unfinished);
                unfinished.Clear();
            }
        }
    }
}
