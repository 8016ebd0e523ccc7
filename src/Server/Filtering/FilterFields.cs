namespace TaskGrpc.Server.Filtering;

/// <summary>The one declaration of a kind's filterable fields, for the database and for memory.</summary>
internal sealed class FilterFields<T>
{
    private readonly Dictionary<string, FilterField<T>> _fields = [];

    public IEnumerable<string> Names => _fields.Keys;

    /// <exception cref="Faults.Fault">INVALID_FILTER, with the position in the text.</exception>
    public Filter<T> Parse(string text)
    {
        var tree = ParsedFilters.Parse(text);
        try
        {
            return new Filter<T>(tree, Bind) { Text = text, Fields = [.. tree.Fields] };
        }
        catch (FilterValueException exception)
        {
            throw exception.In(text);
        }
    }

    public void Add(FilterField<T> field) => _fields.Add(field.Name, field);

    private FilterTest<T> Bind(FilterNode.Restriction restriction)
    {
        // A field's own name may have dots; what follows is a path into its data.
        var name = "";
        foreach (var part in restriction.Path)
        {
            name = name.Length > 0 ? $"{name}.{part}" : part;
            if (_fields.TryGetValue(name, out var field))
            {
                return field.Test(restriction);
            }
        }

        throw new FilterValueException(
            restriction.Position,
            $"{InvalidFilter.Quote(restriction.Path[0])} is not a filterable field; the fields are {string.Join(", ", Names)}");
    }
}
