using System.Text.Json;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>The log as pages, for ListChanges.</summary>
internal sealed class ChangePages(TaskStore store)
{
    private const int MostBytes = 1024 * 1024;

    /// <summary>How many changes one call looks through at most; a page of a rare kind comes short rather than late.</summary>
    private const int MostScanned = 20_000;

    /// <exception cref="Fault">INVALID_PAGE_TOKEN, REVISION_COMPACTED, REVISION_IN_FUTURE.</exception>
    public async Task<ListChangesResponse> ReadAsync(ListChangesRequest request, Caller caller, CancellationToken cancellationToken)
    {
        using var lease = await store.RentAsync(caller.OrganizationId, cancellationToken);
        var head = lease.Reader.Head();
        var binding = PageToken.Bind("changes", caller.OrganizationId, request.Kinds.ToString(), request.Ids.ToString(), request.HasAfterRevision ? request.AfterRevision.ToString(System.Globalization.CultureInfo.InvariantCulture) : "");
        var position = Start(request, binding, head);
        var selection = new ChangeSelection(request.Kinds, request.Ids, transitionsOnly: false);
        var feed = new ChangeFeed(store, caller.OrganizationId, selection);

        var wanted = ListQuery.Rows(request.PageSize);
        var changes = new List<LoggedChange>();
        var (more, scanned) = (true, 0);
        while (more && changes.Count < wanted && scanned < MostScanned && changes.Sum(change => (long)change.Body.Length) < MostBytes)
        {
            var limit = Math.Max(wanted - changes.Count, selection.Ids.Count > 0 ? 1 : 64);
            scanned += limit;
            (position, more) = feed.Read(lease.Reader, position, changes, limit);
            more |= Trim(changes, wanted, ref position);
        }

        // Asked again: the first change of the organization, and with it the epoch, may have come in between.
        return Answer(changes, position, more, binding, lease.Reader.Head(), caller);
    }

    private static LogPosition Start(ListChangesRequest request, string binding, LogHead head)
    {
        if (request.PageToken.Length > 0)
        {
            var keys = PageToken.Decode(request.PageToken, binding).Keys;
            return keys is [{ ValueKind: JsonValueKind.Number } revision, { ValueKind: JsonValueKind.Number } ordinal]
                && revision.TryGetInt64(out var r) && ordinal.TryGetInt32(out var o) && r >= 0 && o >= 0
                ? new LogPosition(r, o)
                : throw PageToken.Invalid();
        }

        if (!request.HasAfterRevision)
        {
            return LogPosition.After(head.CompactedRevision);
        }

        ChangeFeed.RequireTaken(request.AfterRevision, head);
        return LogPosition.After(request.AfterRevision);
    }

    /// <summary>Drops what a read for a rare kind brought over the page's size, and says whether it did.</summary>
    private static bool Trim(List<LoggedChange> changes, int wanted, ref LogPosition position)
    {
        if (changes.Count <= wanted)
        {
            return false;
        }

        changes.RemoveRange(wanted, changes.Count - wanted);
        position = LogPosition.After(changes[^1]);
        return true;
    }

    private static ListChangesResponse Answer(List<LoggedChange> changes, LogPosition position, bool more, string binding, LogHead head, Caller caller)
    {
        var answer = new ListChangesResponse { OldestRevision = head.CompactedRevision + 1, Revision = position.Progress };
        answer.Events.AddRange(changes.Select(change => new WatchEvent { Change = Change.Parser.ParseFrom(change.Body), Match = WatchWriter.MatchOf(change.Type) }));
        if (more)
        {
            var keys = new[] { JsonSerializer.SerializeToElement(position.Revision), JsonSerializer.SerializeToElement(position.Ordinal) };
            answer.NextPageToken = new PageToken(binding, head.Revision, "", keys).Encode();
        }
        else
        {
            answer.ResumeToken = new ResumeToken(caller.OrganizationId, head.Epoch, position.Progress).ToString();
        }

        return answer;
    }
}
