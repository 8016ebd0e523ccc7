using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>Parses order_by (AIP-132).</summary>
internal static class SortOrder
{
    internal readonly record struct Term(string Field, bool Descending);

    private static readonly Term[] NewestFirst = [new("created_at", Descending: true)];

    /// <exception cref="Fault">INVALID_FIELD: bad syntax, an unknown field, or a field named twice.</exception>
    public static IReadOnlyList<Term> Parse(string text, IReadOnlyCollection<string> fields)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return NewestFirst;
        }

        var terms = text.Split(',').Select(part => ParseTerm(part, fields)).ToArray();
        return terms.DistinctBy(term => term.Field).Count() == terms.Length
            ? terms
            : throw Fault.InvalidField("order_by", "names a field twice; name each field once");
    }

    private static Term ParseTerm(string part, IReadOnlyCollection<string> fields)
    {
        var words = part.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var descending = words is [_, "desc"];
        if (words.Length == 0 || (words.Length > 1 && !descending))
        {
            throw Fault.InvalidField("order_by", $"'{part.Trim()}' is not of the form 'field' or 'field desc'");
        }

        return fields.Contains(words[0])
            ? new Term(words[0], descending)
            : throw Fault.InvalidField("order_by", $"cannot order by '{words[0]}'; the fields are {string.Join(", ", fields)}");
    }
}
