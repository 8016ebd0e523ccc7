using TaskGrpc.Server.Filtering;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>What a caller asks of a collection.</summary>
internal sealed record ListQuery
{
    /// <summary>Larger pages are cut to this many rows.</summary>
    private const int MostRows = 1000;

    /// <summary>A page ends when its resources reach this size, so that an answer stays well under gRPC's 4 MiB.</summary>
    public const int MostBytes = 2 * 1024 * 1024;

    private const int DefaultRows = 50;

    public required int PageSize { get; init; }

    public required string OrderBy { get; init; }

    public required string PageToken { get; init; }

    /// <summary>Which resources, in the language of AIP-160; empty for all.</summary>
    public string Filter { get; init; } = "";

    public bool ShowDeleted { get; init; }

    /// <summary>Adds the condition that narrows the collection to another resource's neighbours; null for all of it.</summary>
    public Action<SqlText>? Narrow { get; init; }

    /// <summary>Everything that a page token is bound to besides the filter and the order, in a form of the caller's own choice.</summary>
    public required string Binding { get; init; }

    /// <summary>How many rows a caller gets who asks for this many; 0 leaves it to the server.</summary>
    public static int Rows(int pageSize) => pageSize == 0 ? DefaultRows : Math.Min(pageSize, MostRows);
}
