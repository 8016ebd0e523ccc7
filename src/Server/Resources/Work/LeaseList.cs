using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>Reads a page of the leases of one kind, newest resource first.</summary>
internal sealed class LeaseList<T>(KindDefinition<T> kind, PageTokens tokens, ListLeasesRequest request)
    where T : class, IMessage<T>, IClaimable, new()
{
    private readonly Filter<T>? _filter = request.Filter.Length > 0 ? kind.Columns.Filters.Parse(request.Filter) : null;

    /// <exception cref="Faults.Fault">INVALID_PAGE_TOKEN.</exception>
    public ListLeasesResponse Read(StoreReader reader)
    {
        var binding = PageToken.Bind("leases", reader.OrganizationId, kind.Name, request.Filter);
        var (limit, before) = (ListQuery.Rows(request.PageSize), request.PageToken.Length > 0 ? Opened(binding) : null);
        using var view = reader.OpenView();
        var held = Held(reader, before, limit + 1);
        var page = new ListLeasesResponse { Leases = { held.Take(limit) } };
        if (held.Count > limit)
        {
            var last = JsonSerializer.SerializeToElement(held[limit - 1].Id);
            page.NextPageToken = tokens.Seal(new PageToken(binding, reader.Head().Revision, "", [last]));
        }

        return page;
    }

    private Guid? Opened(string binding) =>
        tokens.Open(request.PageToken, binding).Keys is [{ ValueKind: JsonValueKind.String } last] && last.TryGetGuid(out var id)
            ? id : throw PageToken.Invalid();

    private List<LeaseRecord> Held(StoreReader reader, Guid? before, int limit)
    {
        var records = new List<LeaseRecord>();
        using (var rows = reader.Read(Resources(reader, before, limit)))
        {
            while (rows.Read())
            {
                var resource = kind.Parse(rows.GetFieldValue<byte[]>(0));
                var lease = resource.Lease!;
                records.Add(new LeaseRecord
                {
                    Id = resource.Id,
                    Holder = lease.Holder,
                    Worker = lease.Worker,
                    LeaseRevision = lease.LeaseRevision,
                    ClaimedAt = lease.ClaimedAt,
                });
            }
        }

        if (records.Count == 0)
        {
            return records;
        }

        var times = Times(reader, Guid.Parse(records[^1].Id), Guid.Parse(records[0].Id));
        foreach (var record in records)
        {
            var lease = times[Guid.Parse(record.Id)];
            record.LastHeartbeatAt = lease.LastHeartbeatAt.ToTimestamp();
            record.ExpiresAt = lease.ExpiresAt.ToTimestamp();
        }

        return records;
    }

    /// <summary>The index of the leases finds the resources: few of a kind's resources are held.</summary>
    private SqlText Resources(StoreReader reader, Guid? before, int limit)
    {
        var text = reader.NewList();
        text.Add("SELECT body").AddFoundRows(kind.Table.Name).Add(" AND id IN (SELECT resource_id").AddRows(Tables.Leases.Name)
            .Add($" AND kind = {(int)kind.Kind}");
        if (before is { } id)
        {
            text.Add(" AND resource_id < ").AddValue(id);
        }

        text.Add(")");
        if (_filter is not null)
        {
            text.Add(" AND ").Add(_filter.Sql(text));
        }

        return text.Add(" ORDER BY id DESC LIMIT ").AddValue(limit);
    }

    private Dictionary<Guid, LeaseRow> Times(StoreReader reader, Guid first, Guid last)
    {
        var times = new Dictionary<Guid, LeaseRow>();
        using var rows = reader.Read(reader.NewList().Add($"SELECT {LeaseRow.Columns}, resource_id").AddRows(Tables.Leases.Name)
            .Add($" AND kind = {(int)kind.Kind} AND resource_id >= ").AddValue(first).Add(" AND resource_id <= ").AddValue(last));
        while (rows.Read())
        {
            var id = reader.Values.Id(rows, LeaseRow.ColumnCount);
            times[id] = LeaseRow.Of(rows, reader.Values, reader.OrganizationId, id);
        }

        return times;
    }
}
