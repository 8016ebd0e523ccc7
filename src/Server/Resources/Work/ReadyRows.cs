using Google.Protobuf;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>Questions for the rows that can be claimed, in the order of claims. Their index has no other rows.</summary>
internal static class ReadyRows
{
    /// <summary>How many rows a batch looks at, at most: other commands wait meanwhile.</summary>
    public const int Most = 1000;

    /// <summary>The next rows after a place, with their bodies.</summary>
    /// <param name="text">The question to write.</param>
    /// <param name="work">The kind.</param>
    /// <param name="readyFor">Whose rows: empty for those that everybody may claim, else a USER's own.</param>
    /// <param name="after">The place; null for the first rows.</param>
    /// <param name="filter">A filter on the kind's brief fields; null for all. It looks at <see cref="Most"/> rows only.</param>
    /// <param name="limit">How many rows at most.</param>
    public static SqlText Next<T>(SqlText text, Workable<T> work, string readyFor, object[]? after, Filter<T>? filter, int limit)
        where T : class, IMessage<T>, IClaimable, new()
    {
        var (table, order) = (work.Kind.Table.Name, string.Join(", ", work.Order));
        text.Add("SELECT id, version, revision, updated_at, body").AddRows(table);
        if (filter is not null)
        {
            var columns = string.Join(", ", work.BriefFields.Concat(work.Order).Distinct());
            text.Add($" AND id IN (SELECT id FROM (SELECT {columns}").AddRows(table);
        }

        text.Add(" AND ready_for = ").AddValue(readyFor);
        if (after is not null)
        {
            text.Add($" AND ({order}) > ({string.Join(", ", after.Select(text.Bind))})");
        }

        work.Narrow(text);
        if (filter is not null)
        {
            text.Add($" ORDER BY {order} LIMIT ").AddValue(Most).Add(") AS looked WHERE ").Add(filter.Sql(text)).Add(")");
        }

        return text.Add($" ORDER BY {order} LIMIT ").AddValue(limit);
    }

    /// <summary>The ids of the first rows that match any filter.</summary>
    /// <param name="text">The question to write.</param>
    /// <param name="work">The kind.</param>
    /// <param name="user">The USER whose own rows count too; null for another caller.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="limit">How many rows at most.</param>
    public static SqlText Matching<T>(SqlText text, Workable<T> work, string? user, Filter<T> filter, int limit)
        where T : class, IMessage<T>, IClaimable, new()
    {
        var order = string.Join(", ", work.Order);
        text.Add("SELECT id").AddRows(work.Kind.Table.Name)
            .Add(user is null ? " AND ready_for = ''" : $" AND ready_for IN ('', {text.Bind(user)})");
        work.Narrow(text);
        return text.Add(" AND ").Add(filter.Sql(text)).Add($" ORDER BY {order} LIMIT ").AddValue(limit);
    }
}
