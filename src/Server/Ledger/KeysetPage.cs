using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Rows;

namespace TaskGrpc.Server.Ledger;

/// <summary>
/// Reads one page of a collection by where the page before ended, not by how many rows came before: a deep page costs what the
/// first one costs, and no row that stays is skipped or repeated.
/// </summary>
internal sealed class KeysetPage<TRow>
    where TRow : ResourceRow
{
    private readonly ListQuery _query;
    private readonly Filter<TRow>? _filter;
    private readonly ParameterExpression _row = Expression.Parameter(typeof(TRow), "row");
    private readonly List<KeysetKey> _keys;

    public KeysetPage(IReadOnlyList<SortField<TRow>> fields, Filter<TRow>? filter, ListQuery query)
    {
        _query = query;
        _filter = filter;
        var terms = SortOrder.Parse(query.OrderBy, [.. fields.Select(field => field.Name)]);
        _keys = [.. terms.Select(term => new KeysetKey(ColumnExpression.Of(fields.Single(field => field.Name == term.Field).Column, _row), term.Descending))];
        // The id breaks ties in the direction of the last field, so that one index serves both directions.
        _keys.Add(new KeysetKey(Expression.Property(_row, nameof(ResourceRow.Id)), _keys[^1].Descending));
        Binding = string.Join(',', terms);
    }

    private string Binding { get; }

    public ListedRows Read(StoreReader reader, PageTokens tokens)
    {
        // 1. Bind the page to its request and to the first page's moment.
        var binding = PageToken.Bind(typeof(TRow).Name, reader.OrganizationId, _query.Binding, _query.Filter, _query.ShowDeleted.ToString(), Binding);
        var after = _query.PageToken.Length > 0 ? tokens.Open(_query.PageToken, binding) : null;
        using var moment = reader.OneMoment();
        var head = reader.Head();
        var (revision, resume) = after is null
            ? (head.Revision, new ResumeToken(new(reader.OrganizationId), head.Epoch, head.Revision).ToString())
            : (after.Revision, after.ResumeToken);

        // 2. Read one row more than asked, to know whether there is a next page.
        var wanted = ListQuery.Rows(_query.PageSize);
        var bodies = new List<byte[]>(Math.Min(wanted, 64));
        var size = 0;
        using var rows = reader.List(Rows(reader.Db, after, wanted + 1), _keys.Count);
        while (rows.Read())
        {
            var body = rows.Body;
            size += body.Length;
            if (bodies.Count == wanted || (size > ListQuery.MostBytes && bodies.Count > 0))
            {
                var keys = _keys.Select((key, i) => KeysetKey.Encode(rows.KeptKey(i, key.Column.Type))).ToArray();
                return new ListedRows(bodies, tokens.Seal(new PageToken(binding, revision, resume, keys)), revision, resume);
            }

            bodies.Add(body);
            rows.KeepKeys();
        }

        return new ListedRows(bodies, "", revision, resume);
    }

    private IQueryable<object?[]> Rows(TaskDb db, PageToken? after, int limit)
    {
        var rows = ((IQueryable<TRow>?)_query.Source?.Invoke(db) ?? db.Own<TRow>()).AsNoTracking();
        if (!_query.ShowDeleted)
        {
            rows = rows.Where(row => !row.Deleted);
        }

        if (_filter is not null)
        {
            rows = rows.Where(_filter.Predicate);
        }

        if (after is not null)
        {
            rows = rows.Where(Expression.Lambda<Func<TRow, bool>>(After(after), _row));
        }

        var ordered = Ordered(rows);
        var limited = Expression.Call(typeof(Queryable), nameof(Queryable.Take), [typeof(TRow)], ordered, QueryParameter.Of(limit, typeof(int)));
        return rows.Provider.CreateQuery<TRow>(limited).Select(Projection());
    }

    private Expression Ordered(IQueryable<TRow> rows)
    {
        var source = rows.Expression;
        var first = true;
        foreach (var key in _keys)
        {
            if (key.Nullable)
            {
                source = By(source, key.IsAbsent, descending: false, ref first);
            }

            source = By(source, key.Column, key.Descending, ref first);
        }

        return source;
    }

    private MethodCallExpression By(Expression source, Expression key, bool descending, ref bool first)
    {
        var method = (first, descending) switch
        {
            (true, false) => nameof(Queryable.OrderBy),
            (true, true) => nameof(Queryable.OrderByDescending),
            (false, false) => nameof(Queryable.ThenBy),
            (false, true) => nameof(Queryable.ThenByDescending),
        };
        first = false;
        return Expression.Call(typeof(Queryable), method, [typeof(TRow), key.Type], source, Expression.Quote(Expression.Lambda(key, _row)));
    }

    /// <summary>key₁ is past, or key₁ is equal and (key₂ is past, or …).</summary>
    private Expression After(PageToken token)
    {
        var values = KeysetKey.Decode(token.Keys, _keys);
        if (_keys is [{ Column: var moment, Descending: var isDescending }, { Column: var id }] && moment.Type == typeof(DateTimeOffset))
        {
            return Expression.Call(
                typeof(RowOrder),
                isDescending ? nameof(RowOrder.IsBefore) : nameof(RowOrder.IsAfter),
                null,
                moment,
                id,
                QueryParameter.Of(values[0]!, moment.Type),
                QueryParameter.Of(values[1]!, id.Type));
        }

        // The id is unique: nothing comes after a row that has the same.
        var after = _keys[^1].Past(values[^1]);
        for (var i = _keys.Count - 2; i >= 0; i--)
        {
            after = Expression.OrElse(_keys[i].Past(values[i]), Expression.AndAlso(_keys[i].Equal(values[i]), after));
        }

        // Says of the first key alone what follows anyway: the planner turns this into a range of the index, an OR it does not.
        return _keys[0].NotBefore(values[0]) is { } range ? Expression.AndAlso(range, after) : after;
    }

    private Expression<Func<TRow, object?[]>> Projection()
    {
        Expression[] columns = [Expression.Property(_row, nameof(ResourceRow.Body)), .. _keys.Select(key => Expression.Convert(key.Column, typeof(object)))];
        return Expression.Lambda<Func<TRow, object?[]>>(Expression.NewArrayInit(typeof(object), columns), _row);
    }
}
