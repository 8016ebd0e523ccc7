namespace TaskGrpc.Server.Filtering;

/// <summary>A filter's syntax tree.</summary>
internal abstract record FilterNode
{
    /// <summary>The names with which the paths of its comparisons begin.</summary>
    public IEnumerable<string> Fields => this switch
    {
        All all => all.Parts.SelectMany(part => part.Fields),
        Any any => any.Parts.SelectMany(part => part.Fields),
        Not not => not.Part.Fields,
        Restriction restriction => [restriction.Path[0]],
        _ => [],
    };

    /// <summary>All of the parts hold.</summary>
    internal sealed record All(IReadOnlyList<FilterNode> Parts) : FilterNode;

    /// <summary>At least one of the parts holds.</summary>
    internal sealed record Any(IReadOnlyList<FilterNode> Parts) : FilterNode;

    /// <summary>The part does not hold.</summary>
    internal sealed record Not(FilterNode Part) : FilterNode;

    /// <summary>A comparison of a field with a literal.</summary>
    /// <param name="Path">The field's name and, for free-form data, the keys below it.</param>
    /// <param name="Comparator">The comparison.</param>
    /// <param name="Literal">The right side.</param>
    /// <param name="Position">Where the field begins in the filter.</param>
    internal sealed record Restriction(IReadOnlyList<string> Path, FilterToken Comparator, FilterLiteral Literal, int Position)
        : FilterNode;
}
