using System.Text.Json;
using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>
/// An order in which a collection is paged through, with what follows from the order alone: put together once, for as many pages as are
/// read in it.
/// </summary>
internal sealed class KeysetOrder
{
    private static readonly SortField Id = new("id", "id", typeof(Guid), IsOptional: false);

    private readonly KeysetKey[] _keys;

    /// <param name="fields">The fields that the order may name.</param>
    /// <param name="text">The order in AIP-132 syntax; empty for newest first.</param>
    /// <exception cref="Faults.Fault">INVALID_FIELD.</exception>
    public KeysetOrder(IReadOnlyList<SortField> fields, string text)
    {
        var terms = SortOrder.Parse(text, [.. fields.Select(field => field.Name)]);
        // The id breaks ties in the direction of the last field, so that one index serves both directions.
        _keys =
        [
            .. terms.Select(term => new KeysetKey(fields.Single(field => field.Name == term.Field), term.Descending)),
            new KeysetKey(Id, terms[^1].Descending),
        ];
        Columns = "body, " + string.Join(", ", _keys.Select(key => key.Column));
        OrderBy = " ORDER BY " + string.Join(", ", _keys.Select(key => key.Order));
        Binding = string.Join(',', terms);
    }

    public IReadOnlyList<KeysetKey> Keys => _keys;

    /// <summary>The order in normalized form, to which a page token is bound.</summary>
    public string Binding { get; }

    /// <summary>A row's body and then its keys.</summary>
    public string Columns { get; }

    public string OrderBy { get; }

    /// <summary>Tests for the rows that come after a page: key₁ is past, or key₁ is equal and (key₂ is past, or …).</summary>
    /// <exception cref="Faults.Fault">INVALID_PAGE_TOKEN: the values do not fit the order.</exception>
    public string After(SqlText text, JsonElement[] end)
    {
        var values = KeysetKey.Decode(end, _keys);
        // As two comparisons, with an OR between them, the database walks through all rows of one moment, which a batch makes many of.
        return _keys is [{ Field.Type: var type } moment, { } id] && type == typeof(DateTimeOffset) && !moment.Field.IsOptional
            ? $"({moment.Column}, {id.Column}) {(moment.Descending ? "<" : ">")} ({text.Bind(values[0]!)}, {text.Bind(values[1]!)})"
            : AsSteps(text, values);
    }

    private string AsSteps(SqlText text, object?[] values)
    {
        // The id is unique: nothing comes after a row that has the same.
        var after = _keys[^1].Past(text, values[^1]);
        for (var i = _keys.Length - 2; i >= 0; i--)
        {
            after = $"({_keys[i].Past(text, values[i])} OR ({_keys[i].Equal(text, values[i])} AND {after}))";
        }

        // Says of the first key alone what follows anyway: the planner turns this into a range of the index, an OR it does not.
        return _keys[0].NotBefore(text, values[0]) is { } range ? $"{range} AND {after}" : after;
    }
}
