using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>
/// Reads a kind's rows in pages, with the bodies of those that may have matched a filter at a past revision: unchanged rows that match
/// now, and all rows that changed since. The log has the past states of the latter.
/// </summary>
internal sealed class SnapshotPage<T>(Table table, Filter<T>? filter, bool showDeleted, long revision)
{
    /// <summary>How many rows one read tests, so that it is short even if matches are rare.</summary>
    private const int PageRows = 2000;
    private const int PageBytes = 1024 * 1024;

    /// <summary>Reads the rows after one, in the order of creation; empty at the end.</summary>
    public IReadOnlyList<SnapshotRow> Read(StoreReader reader, SnapshotRow? after)
    {
        var page = new List<SnapshotRow>();
        var size = 0;
        using var rows = reader.Read(Question(reader, after));
        while (size < PageBytes && rows.Read())
        {
            var body = rows.IsDBNull(3) ? null : rows.GetFieldValue<byte[]>(3);
            page.Add(new SnapshotRow(reader.Values.Moment(rows, 0), reader.Values.Id(rows, 1), rows.GetInt64(2), body));
            size += body?.Length ?? 0;
        }

        return page;
    }

    private SqlText Question(StoreReader reader, SnapshotRow? after)
    {
        var text = reader.NewList();
        var matches = filter is null ? "TRUE" : filter.Sql(text);
        var shown = showDeleted ? matches : $"NOT deleted AND {matches}";
        text.Add($"SELECT created_at, id, revision, CASE WHEN revision > {text.Bind(revision)} OR {shown} THEN body END")
            .AddRows(table.Name);
        if (after is not null)
        {
            text.Add($" AND (created_at, id) > ({text.Bind(after.CreatedAt)}, {text.Bind(after.Id)})");
        }

        return text.Add(" ORDER BY created_at, id LIMIT ").AddValue(PageRows);
    }
}
