using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>
/// Reads one page of a list from where the page before ended, not by a row count: a deep page costs as much as the first one, and no
/// unchanged row is skipped or repeated.
/// </summary>
internal sealed class KeysetPage<T>(Table table, KeysetOrder order, Filter<T>? filter, ListQuery query)
{
    public ListedRows Read(StoreReader reader, PageTokens tokens)
    {
        // 1. Bind the page to its request and to the first page's moment.
        var binding = PageToken.Bind(
            table.Row.Name, reader.OrganizationId, query.Binding, query.Filter, query.ShowDeleted.ToString(), order.Binding);
        var after = query.PageToken.Length > 0 ? tokens.Open(query.PageToken, binding) : null;
        // A later page is one statement, which needs no view.
        using var view = after is null ? reader.OpenView() : null;
        var (revision, resume) = after is null ? Beginning(reader) : (after.Revision, after.ResumeToken);

        // 2. Read one row more than requested, to know whether there is a next page.
        var wanted = ListQuery.Rows(query.PageSize);
        var bodies = new List<byte[]>(Math.Min(wanted, 64));
        var size = 0;
        using var rows = reader.Keyed(Question(reader, after, wanted + 1), order.Keys.Count);
        while (rows.Read())
        {
            var body = rows.Body;
            size += body.Length;
            if (bodies.Count == wanted || (size > ListQuery.MostBytes && bodies.Count > 0))
            {
                var keys = order.Keys.Select((key, i) => KeysetKey.Encode(rows.KeptKey(i, key.Field.Type))).ToArray();
                return new ListedRows(bodies, tokens.Seal(new PageToken(binding, revision, resume, keys)), revision, resume);
            }

            bodies.Add(body);
            rows.KeepKeys();
        }

        return new ListedRows(bodies, "", revision, resume);
    }

    /// <summary>The revision of the first page, which all later pages return, too.</summary>
    private static (long Revision, string ResumeToken) Beginning(StoreReader reader)
    {
        var head = reader.Head();
        return (head.Revision, new ResumeToken(new(reader.OrganizationId), head.Epoch, head.Revision).ToString());
    }

    private SqlText Question(StoreReader reader, PageToken? after, int limit)
    {
        var text = reader.NewList().Add($"SELECT {order.Columns}");
        if (query.Narrow is null)
        {
            text.AddRows(table.Name);
        }
        else
        {
            query.Narrow(text.AddFoundRows(table.Name).Add(" AND "));
        }

        text.AddMatching(filter, query.ShowDeleted);
        if (after is not null)
        {
            text.Add($" AND {order.After(text, after.Keys)}");
        }

        return text.Add(order.OrderBy).Add(" LIMIT ").AddValue(limit);
    }
}
