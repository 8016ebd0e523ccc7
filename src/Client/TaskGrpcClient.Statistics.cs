using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Counts of resources.</content>
public partial class TaskGrpcClient
{
    /// <summary>Counts the resources of one kind, exactly and as of one moment.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="filter">Only resources that match, in the filter language. Null or empty: all.</param>
    /// <param name="groupBy">Counts apart by up to three of these fields, for example <c>["status"]</c>. Null: one number.</param>
    /// <param name="showDeleted">True to count deleted resources too.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The total, the groups and the revision of the moment.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_FIELD, INVALID_FILTER; DEADLINE_EXCEEDED, without a reason, when the server's <c>Limits:CountTime</c> has passed.
    /// </exception>
    public virtual Task<CountResponse> CountAsync(
        ResourceKind kind, string? filter = null, IEnumerable<string>? groupBy = null, bool showDeleted = false,
            CancellationToken cancellationToken = default) =>
        Statistics.CountAsync(
            new() { Kind = kind, Filter = filter ?? "", GroupBy = { groupBy ?? [] }, ShowDeleted = showDeleted },
            cancellationToken: cancellationToken).ResponseAsync;
}
