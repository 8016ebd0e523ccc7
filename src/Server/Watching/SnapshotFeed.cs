using Google.Protobuf;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// Every selected resource as it was at one revision, in pages. No read transaction stays open between pages, since it would keep the
/// database from reusing its WAL. Each page reads the present state and undoes the changes after the revision: each change in the log has
/// the state that it replaced.
/// </summary>
internal sealed class SnapshotFeed(TaskStore store, string organizationId, ChangeSelection selection, long revision)
{
    /// <summary>How many ids one page reads at most.</summary>
    private const int PageIds = 64;

    private readonly Guid[] _ids = [.. selection.Ids];
    private SnapshotRow? _last;
    private int _next;

    public long Revision { get; } = revision;

    /// <summary>Reads the next page; false once everything has been read.</summary>
    /// <param name="page">Receives the states as Change messages; emptied first.</param>
    /// <param name="cancellationToken">Ends the wait for a reader.</param>
    /// <exception cref="Faults.Fault">REVISION_COMPACTED: the log no longer reaches back to the snapshot's revision.</exception>
    public async ValueTask<bool> ReadAsync(List<byte[]> page, CancellationToken cancellationToken)
    {
        page.Clear();
        using var rented = await store.RentAsync(organizationId, cancellationToken);
        return rented.Reader.Interruptible(() => Read(rented.Reader, page), cancellationToken);
    }

    private bool Read(StoreReader reader, List<byte[]> page)
    {
        using var view = reader.OpenView();
        ChangeFeed.RequireKept(Revision, reader.Head());
        return _ids.Length > 0 ? ReadIds(reader, page) : ReadKinds(reader, page);
    }

    private bool ReadIds(StoreReader reader, List<byte[]> page)
    {
        var end = Math.Min(_next + PageIds, _ids.Length);
        for (; _next < end; _next++)
        {
            foreach (var kind in selection.Kinds)
            {
                if (reader.Find(kind.Table, _ids[_next]) is { } stored)
                {
                    Add(kind, reader, _ids[_next], (stored.Revision, stored.Body), page);
                }
            }
        }

        return _next < _ids.Length;
    }

    private bool ReadKinds(StoreReader reader, List<byte[]> page)
    {
        var kind = selection.Kinds.ElementAtOrDefault(_next);
        if (kind is null)
        {
            return false;
        }

        var rows = kind.Snapshot(reader, selection.Filter?.Text ?? "", selection.ShowDeleted, Revision, _last);
        foreach (var row in rows)
        {
            if (row.Body is { } body)
            {
                Add(kind, reader, row.Id, (row.Revision, body), page);
            }
        }

        (_last, _next) = rows.Count > 0 ? (rows[^1], _next) : (null, _next + 1);
        return _next < selection.Kinds.Count;
    }

    private void Add(KindDefinition kind, StoreReader reader, Guid id, (long Revision, byte[] Body) present, List<byte[]> page)
    {
        var state = PastState.Of(kind, reader, id, present, Revision);
        if (state is not null && (selection.ShowDeleted || !kind.IsDeleted(state)) && selection.Filter?.Matches(state) != false)
        {
            var change = new Change { Revision = Revision, ChangedAt = state.UpdatedAt ?? state.CreatedAt, Type = ChangeType.Snapshot };
            kind.Put(change, state, previous: null);
            page.Add(change.ToByteArray());
        }
    }
}
