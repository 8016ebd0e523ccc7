using System.Globalization;
using System.Text.Json;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>The log as pages, for ListChanges.</summary>
internal sealed class ChangePages(TaskStore store, ResourceKinds kinds, ChangeWaiter waiter, PageTokens tokens)
{
    private const int MostBytes = 1024 * 1024;

    /// <summary>How many changes one call reads at most; a page of a rare kind is short rather than late.</summary>
    private const int MostScanned = 20_000;

    /// <summary>How many bytes of the log one call reads at most.</summary>
    private const int MostScannedBytes = 16 * 1024 * 1024;

    /// <exception cref="Fault">INVALID_FILTER, INVALID_PAGE_TOKEN, REVISION_COMPACTED, REVISION_IN_FUTURE, WATCH_LIMIT.</exception>
    public async Task<ListChangesResponse> ReadAsync(ListChangesRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var selection = new ChangeSelection(kinds, request);
        var binding = PageToken.Bind(request.ShowDeleted ? "changes, deleted too" : "changes", caller.OrganizationId,
            request.Kinds.ToString(), request.Ids.ToString(), request.Filter,
            request.HasAfterRevision ? request.AfterRevision.ToString(CultureInfo.InvariantCulture) : "");
        (LogPosition Position, Guid Epoch)? start = null;
        var seen = new List<LoggedChange>();
        async Task<ListChangesResponse?> LookAsync(OrganizationTail? tail, bool isLast)
        {
            // Look through memory first, so that waiting calls do not all read the store after each commit.
            seen.Clear();
            if (!isLast && start is { } last && tail?.TryRead(last.Position, int.MaxValue, seen) == true
                && seen.TrueForAll(change => selection.MatchOf(change) == FilterMatch.Unspecified))
            {
                start = seen.Count > 0 ? (LogPosition.After(seen[^1]), last.Epoch) : last;
                return null;
            }

            using var rented = await store.RentAsync(caller.OrganizationId, cancellationToken);
            var from = start ?? Start(request, binding, rented.Reader.Head());
            var page = Read(rented.Reader, selection, from, ListQuery.Rows(request.PageSize), cancellationToken);
            start = (page.Position, page.Head.Epoch);
            return page.Events.Count > 0 || page.More || isLast ? Answer(page, binding, caller) : null;
        }

        try
        {
            return request.Wait is { } wait
                ? await waiter.WaitAsync(caller, selection, wait.ToTimeSpan(), LookAsync, cancellationToken)
                : (await LookAsync(tail: null, isLast: true))!;
        }
        catch (Fault fault) when (fault.Reason == ErrorReason.RevisionCompacted && start is null
            && request.PageToken.Length == 0 && !request.HasAfterRevision)
        {
            // The caller wants the oldest change, and a compaction has removed it between finding and reading it.
            return await ReadAsync(request, caller, cancellationToken);
        }
    }

    private (LogPosition Position, Guid Epoch) Start(ListChangesRequest request, string binding, LogHead head)
    {
        if (request.PageToken.Length > 0)
        {
            var keys = tokens.Open(request.PageToken, binding).Keys;
            if (keys is not [{ ValueKind: JsonValueKind.Number } revision, { ValueKind: JsonValueKind.Number } ordinal,
                { ValueKind: JsonValueKind.String } epoch]
                || !revision.TryGetInt64(out var r) || !ordinal.TryGetInt32(out var o) || r < 0 || o < 0 || !epoch.TryGetGuid(out var own))
            {
                throw PageToken.Invalid();
            }

            return own == head.Epoch && r <= head.Revision ? (new LogPosition(r, o), own) : throw WatchStart.EpochChanged();
        }

        if (!request.HasAfterRevision)
        {
            return (LogPosition.After(head.CompactedRevision), head.Epoch);
        }

        ChangeFeed.RequireTaken(request.AfterRevision, head);
        return (LogPosition.After(request.AfterRevision), head.Epoch);
    }

    private Page Read(
        StoreReader reader, ChangeSelection selection, (LogPosition Position, Guid Epoch) start, int wanted,
            CancellationToken cancellationToken)
    {
        var (position, head) = (start.Position, default(LogHead));
        var feed = new ChangeFeed(store, reader.OrganizationId, selection.Ids);
        var (events, changes) = (new List<WatchEvent>(), new List<LoggedChange>());
        var (more, scanned, scannedBytes, size) = (true, 0, 0L, 0L);
        while (more && events.Count < wanted && scanned < MostScanned && scannedBytes < MostScannedBytes && size < MostBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            changes.Clear();
            var limit = Math.Max(wanted - events.Count, selection.Ids.Count > 0 ? 1 : 64);
            (position, more, head) = feed.Read(reader, position, changes, limit, start.Epoch);
            scanned += changes.Count;
            foreach (var change in changes)
            {
                scannedBytes += change.Body.Length;
                if (selection.MatchOf(change) is not FilterMatch.Unspecified and var match)
                {
                    events.Add(new WatchEvent { Change = Change.Parser.ParseFrom(change.Body), Match = match });
                    size += change.Body.Length;
                }

                if (events.Count == wanted && change != changes[^1])
                {
                    // A read for a rare kind returns more than the page may hold; the next page begins here.
                    return new Page(events, LogPosition.After(change), More: true, head);
                }
            }
        }

        return new Page(events, position, more, head);
    }

    private ListChangesResponse Answer(Page page, string binding, Caller caller)
    {
        var head = page.Head;
        var answer = new ListChangesResponse
        {
            Events = { page.Events },
            OldestRevision = head.CompactedRevision + 1,
            Revision = page.Position.Progress
        };
        if (page.More)
        {
            var keys = new[] { JsonSerializer.SerializeToElement(page.Position.Revision),
                JsonSerializer.SerializeToElement(page.Position.Ordinal), JsonSerializer.SerializeToElement(head.Epoch) };
            answer.NextPageToken = tokens.Seal(new PageToken(binding, head.Revision, "", keys));
        }
        else
        {
            answer.ResumeToken = new ResumeToken(new(caller.OrganizationId), head.Epoch, page.Position.Progress).ToString();
        }

        return answer;
    }

    private sealed record Page(List<WatchEvent> Events, LogPosition Position, bool More, LogHead Head);
}
