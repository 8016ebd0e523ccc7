using System.Globalization;
using System.Text.Json;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>The log as pages, for ListChanges.</summary>
internal sealed class ChangePages(TaskStore store, ResourceKinds kinds, ChangeWaiter waiter)
{
    private const int MostBytes = 1024 * 1024;

    /// <summary>How many changes one read looks through at most; a page of a rare kind comes short rather than late.</summary>
    private const int MostScanned = 20_000;

    /// <exception cref="Fault">INVALID_FILTER, INVALID_PAGE_TOKEN, REVISION_COMPACTED, REVISION_IN_FUTURE, WATCH_LIMIT.</exception>
    public async Task<ListChangesResponse> ReadAsync(ListChangesRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var selection = new ChangeSelection(kinds, request.Kinds, request.Ids, request.Filter, transitionsOnly: false);
        var binding = PageToken.Bind("changes", caller.OrganizationId, request.Kinds.ToString(), request.Ids.ToString(), request.Filter, request.HasAfterRevision ? request.AfterRevision.ToString(CultureInfo.InvariantCulture) : "");
        LogPosition? position = null;
        async Task<ListChangesResponse?> LookAsync(bool isLast)
        {
            using var lease = await store.RentAsync(caller.OrganizationId, cancellationToken);
            var from = position ?? Start(request, binding, lease.Reader.Head());
            var page = Read(lease.Reader, selection, from, ListQuery.Rows(request.PageSize));
            position = page.Position;
            // Asked again: the first change of the organization, and with it the epoch, may have come in between.
            return page.Events.Count > 0 || page.More || isLast ? Answer(page, binding, lease.Reader.Head(), caller) : null;
        }

        return request.Wait is { } wait
            ? await waiter.WaitAsync(caller.OrganizationId, selection, wait.ToTimeSpan(), LookAsync, cancellationToken)
            : (await LookAsync(isLast: true))!;
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

    private Page Read(StoreReader reader, ChangeSelection selection, LogPosition position, int wanted)
    {
        var feed = new ChangeFeed(store, reader.Db.OrganizationId!, selection.Ids);
        var (events, changes) = (new List<WatchEvent>(), new List<LoggedChange>());
        var (more, scanned, size) = (true, 0, 0L);
        while (more && events.Count < wanted && scanned < MostScanned && size < MostBytes)
        {
            changes.Clear();
            (position, more) = feed.Read(reader, position, changes, Math.Max(wanted - events.Count, selection.Ids.Count > 0 ? 1 : 64));
            scanned += changes.Count;
            foreach (var change in changes)
            {
                if (selection.MatchOf(change) is not FilterMatch.Unspecified and var match)
                {
                    events.Add(new WatchEvent { Change = Change.Parser.ParseFrom(change.Body), Match = match });
                    size += change.Body.Length;
                }

                if (events.Count == wanted && change != changes[^1])
                {
                    // A read for a rare kind brings more than the page may hold; the next page begins here.
                    return new Page(events, LogPosition.After(change), More: true);
                }
            }
        }

        return new Page(events, position, more);
    }

    private static ListChangesResponse Answer(Page page, string binding, LogHead head, Caller caller)
    {
        var answer = new ListChangesResponse { Events = { page.Events }, OldestRevision = head.CompactedRevision + 1, Revision = page.Position.Progress };
        if (page.More)
        {
            var keys = new[] { JsonSerializer.SerializeToElement(page.Position.Revision), JsonSerializer.SerializeToElement(page.Position.Ordinal) };
            answer.NextPageToken = new PageToken(binding, head.Revision, "", keys).Encode();
        }
        else
        {
            answer.ResumeToken = new ResumeToken(caller.OrganizationId, head.Epoch, page.Position.Progress).ToString();
        }

        return answer;
    }

    private sealed record Page(List<WatchEvent> Events, LogPosition Position, bool More);
}
