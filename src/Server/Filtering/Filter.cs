namespace TaskGrpc.Server.Filtering;

/// <summary>A filter over a kind's resources, ready for both of its uses.</summary>
internal sealed class Filter<T>
{
    private readonly FilterTest<T> _test;

    public Filter(FilterNode tree, Func<FilterNode.Restriction, FilterTest<T>> bind) => _test = Bind(tree, bind);

    /// <summary>The filter's text.</summary>
    public required string Text { get; init; }

    /// <summary>The names with which the filter's paths begin.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>Writes the condition for the database.</summary>
    public string Sql(SqlText text) => _test.Sql(text);

    /// <summary>Whether a resource in memory matches.</summary>
    public bool Matches(T resource) => _test.Matches(resource);

    private static FilterTest<T> Bind(FilterNode node, Func<FilterNode.Restriction, FilterTest<T>> bind)
    {
        switch (node)
        {
            case FilterNode.All all:
                var parts = all.Parts.Select(part => Bind(part, bind)).ToArray();
                return new(text => Join(parts, text, " AND "), resource => Array.TrueForAll(parts, part => part.Matches(resource)));
            case FilterNode.Any any:
                var options = any.Parts.Select(part => Bind(part, bind)).ToArray();
                return new(text => Join(options, text, " OR "), resource => Array.Exists(options, part => part.Matches(resource)));
            case FilterNode.Not not:
                var inner = Bind(not.Part, bind);
                return new(text => $"NOT ({inner.Sql(text)})", resource => !inner.Matches(resource));
            default:
                return bind((FilterNode.Restriction)node);
        }
    }

    private static string Join(FilterTest<T>[] parts, SqlText text, string by) =>
        $"({string.Join(by, parts.Select(part => part.Sql(text)))})";
}
