using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>
/// Reads a kind's rows in pages, with the bodies of those that may have matched a filter at a past revision: unchanged rows that match
/// now, and all rows that changed since. The log has the past states of the latter.
/// </summary>
internal sealed class SnapshotPage<TRow>(Filter<TRow>? filter, bool showDeleted, long revision)
    where TRow : ResourceRow
{
    /// <summary>How many rows one read tests, so that it is short even if matches are rare.</summary>
    private const int PageRows = 2000;
    private const int PageBytes = 1024 * 1024;

    /// <summary>Reads the rows after one, in the order of creation; empty at the end.</summary>
    public IReadOnlyList<SnapshotRow> Read(StoreReader reader, SnapshotRow? after)
    {
        IQueryable<TRow> rows = reader.Db.Own<TRow>().AsNoTracking();
        if (after is not null)
        {
            var (created, id) = (after.CreatedAt, after.Id);
            rows = rows.Where(row => row.CreatedAt >= created && (row.CreatedAt > created || row.Id > id));
        }

        var page = new List<SnapshotRow>();
        var size = 0;
        foreach (var row in rows.OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).Take(PageRows).Select(Projection()))
        {
            page.Add(row);
            size += row.Body?.Length ?? 0;
            if (size >= PageBytes)
            {
                break;
            }
        }

        return page;
    }

    private Expression<Func<TRow, SnapshotRow>> Projection()
    {
        var row = Expression.Parameter(typeof(TRow), "row");
        Expression Column(string name) => Expression.Property(row, name);
        var body = Expression.Condition(ColumnExpression.Of(Candidates(), row), Column(nameof(ResourceRow.Body)), Expression.Constant(null, typeof(byte[])));
        var arguments = new[] { Column(nameof(ResourceRow.CreatedAt)), Column(nameof(ResourceRow.Id)), Column(nameof(ResourceRow.Revision)), body };
        return Expression.Lambda<Func<TRow, SnapshotRow>>(Expression.New(typeof(SnapshotRow).GetConstructors().Single(), arguments), row);
    }

    private Expression<Func<TRow, bool>> Candidates()
    {
        Expression<Func<TRow, bool>> changed = row => row.Revision > revision;
        Expression<Func<TRow, bool>> shown = showDeleted ? row => true : row => !row.Deleted;
        var parameter = Expression.Parameter(typeof(TRow), "row");
        var matching = filter is null
            ? ColumnExpression.Of(shown, parameter)
            : Expression.AndAlso(ColumnExpression.Of(shown, parameter), ColumnExpression.Of(filter.Predicate, parameter));
        return Expression.Lambda<Func<TRow, bool>>(Expression.OrElse(ColumnExpression.Of(changed, parameter), matching), parameter);
    }
}
