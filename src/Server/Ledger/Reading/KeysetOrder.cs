using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.Query;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>The order of a paged list, with the expressions that depend only on the order: built once for any number of pages.</summary>
internal sealed class KeysetOrder<TRow>
    where TRow : ResourceRow
{
    private readonly ParameterExpression _row = Expression.Parameter(typeof(TRow), "row");
    private readonly List<KeysetKey> _keys;
    private readonly List<(MethodInfo Method, UnaryExpression Key)> _steps = [];

    /// <param name="fields">The fields that the order may name.</param>
    /// <param name="text">The order in AIP-132 syntax; empty for newest first.</param>
    /// <exception cref="Faults.Fault">INVALID_FIELD.</exception>
    public KeysetOrder(IReadOnlyList<SortField<TRow>> fields, string text)
    {
        var terms = SortOrder.Parse(text, [.. fields.Select(field => field.Name)]);
        _keys = [.. terms.Select(term => new KeysetKey(ColumnExpression.Of(fields.Single(field => field.Name == term.Field).Column, _row), term.Descending))];
        // The id breaks ties in the direction of the last field, so that one index serves both directions.
        _keys.Add(new KeysetKey(Expression.Property(_row, nameof(ResourceRow.Id)), _keys[^1].Descending));
        foreach (var key in _keys)
        {
            if (key.Nullable)
            {
                Add(key.IsAbsent, descending: false);
            }

            Add(key.Column, key.Descending);
        }

        Expression[] columns = [Expression.Property(_row, nameof(ResourceRow.Body)), .. _keys.Select(key => Expression.Convert(key.Column, typeof(object)))];
        Projection = Expression.Lambda<Func<TRow, object?[]>>(Expression.NewArrayInit(typeof(object), columns), _row);
        Binding = string.Join(',', terms);
    }

    public IReadOnlyList<KeysetKey> Keys => _keys;

    /// <summary>The order in normalized form, to which a page token is bound.</summary>
    public string Binding { get; }

    /// <summary>A row's body, then its keys.</summary>
    public Expression<Func<TRow, object?[]>> Projection { get; }

    public Expression Apply(Expression rows) => _steps.Aggregate(rows, static (source, step) => Expression.Call(step.Method, source, step.Key));

    /// <summary>The rows that come after a page: key₁ is past, or key₁ is equal and (key₂ is past, or …).</summary>
    /// <exception cref="Faults.Fault">INVALID_PAGE_TOKEN: the values do not match the order.</exception>
    public Expression<Func<TRow, bool>> After(JsonElement[] end)
    {
        var values = KeysetKey.Decode(end, _keys);
        return Expression.Lambda<Func<TRow, bool>>(AsOneComparison(values) ?? AsSteps(values), _row);
    }

    private MethodCallExpression? AsOneComparison(object?[] values) =>
        _keys is [{ Column: var moment, Descending: var isDescending }, { Column: var id }] && moment.Type == typeof(DateTimeOffset)
            ? Expression.Call(
                isDescending ? RowOrder.Before : RowOrder.After,
                moment,
                id,
                QueryParameter.Of(values[0]!, moment.Type),
                QueryParameter.Of(values[1]!, id.Type))
            : null;

    private Expression AsSteps(object?[] values)
    {
        // The id is unique, so no later row has the same one.
        var after = _keys[^1].Past(values[^1]);
        for (var i = _keys.Count - 2; i >= 0; i--)
        {
            after = Expression.OrElse(_keys[i].Past(values[i]), Expression.AndAlso(_keys[i].Equal(values[i]), after));
        }

        // A redundant test of the first key alone: the planner turns it into an index range, which it does not do with an OR.
        return _keys[0].NotBefore(values[0]) is { } range ? Expression.AndAlso(range, after) : after;
    }

    private void Add(Expression key, bool descending)
    {
        var method = (_steps.Count, descending) switch
        {
            (0, false) => QueryableMethods.OrderBy,
            (0, true) => QueryableMethods.OrderByDescending,
            (_, false) => QueryableMethods.ThenBy,
            (_, true) => QueryableMethods.ThenByDescending,
        };
        _steps.Add((method.MakeGenericMethod(typeof(TRow), key.Type), Expression.Quote(Expression.Lambda(key, _row))));
    }
}
