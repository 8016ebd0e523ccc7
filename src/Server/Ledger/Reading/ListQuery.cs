using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>The parameters of a list.</summary>
internal sealed record ListQuery
{
    /// <summary>The most rows of a page; larger page sizes are coerced to it.</summary>
    private const int MostRows = 1000;

    /// <summary>A page ends at this size of its resources, so that an answer stays well under gRPC's 4 MiB.</summary>
    public const int MostBytes = 2 * 1024 * 1024;

    private const int DefaultRows = 50;

    public required int PageSize { get; init; }

    public required string OrderBy { get; init; }

    public required string PageToken { get; init; }

    /// <summary>The filter in AIP-160 syntax; empty for all resources.</summary>
    public string Filter { get; init; } = "";

    public bool ShowDeleted { get; init; }

    /// <summary>Adds the condition that narrows the collection to another resource's neighbours; null for all of it.</summary>
    public Action<SqlText>? Narrow { get; init; }

    /// <summary>What a page token must match besides the filter and the order; compared only for equality.</summary>
    public required string Binding { get; init; }

    /// <summary>The number of rows for a page_size; 0 means the default.</summary>
    public static int Rows(int pageSize) => pageSize == 0 ? DefaultRows : Math.Min(pageSize, MostRows);
}
