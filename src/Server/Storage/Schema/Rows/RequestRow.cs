
namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>A request_id that was used, with its answer.</summary>
internal sealed class RequestRow
{
    /// <summary>The order of use, which the database assigns. Expiry removes the lowest first.</summary>
    public long Sequence { get; init; }

    public required Guid RequestId { get; init; }

    public required string OrganizationId { get; init; }

    /// <summary>The actor's type and id. The same request_id of another caller is a different one.</summary>
    public required string Caller { get; init; }

    /// <summary>A hash of the RPC and the request. It tells a retry from a reuse.</summary>
    public required byte[] Fingerprint { get; init; }

    public required byte[] Answer { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
