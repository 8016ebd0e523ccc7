
namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>A request_id that was used, with its answer.</summary>
internal sealed class RequestRow
{
    /// <summary>The order of use, given by the database; expiry removes from its low end.</summary>
    public long Sequence { get; init; }

    public required Guid RequestId { get; init; }

    public required string OrganizationId { get; init; }

    /// <summary>Who used it, type and id: another caller's request_id is another one.</summary>
    public required string Caller { get; init; }

    /// <summary>A hash over the RPC and the request, to tell a repeat from a reuse.</summary>
    public required byte[] Fingerprint { get; init; }

    public required byte[] Answer { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
