using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Blockers of board tasks. While a task has an open blocker, no worker can claim it.</content>
public partial class TaskGrpcClient
{
    /// <summary>Makes one board task wait for another: workers cannot claim it before the other is DONE or deleted.</summary>
    /// <param name="blockedId">The id of the task that waits.</param>
    /// <param name="blockerId">The id of the task that must be done first.</param>
    /// <param name="etag">The version of the blocked task that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The blocked task after the change.</returns>
    /// <exception cref="TaskGrpcException">
    /// BLOCKER_EXISTS, BLOCKER_CYCLE, BLOCKER_LIMIT, RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_FIELD, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="blockedId"/> or <paramref name="blockerId"/> is null.</exception>
    public virtual Task<BoardTask> AddBlockerAsync(
        string blockedId, string blockerId, string? etag = null, string? requestId = null,
        CancellationToken cancellationToken = default) =>
        BoardTasks.AddBlockerAsync(
            new() { BlockedId = Given(blockedId), BlockerId = Given(blockerId), Etag = etag ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Removes the edge from a blocked task to its blocker. Both tasks stay.</summary>
    /// <param name="blockedId">The id of the task that waits.</param>
    /// <param name="blockerId">The id of the blocker.</param>
    /// <param name="etag">The version of the blocked task that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the change.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, also if the edge does not exist; ETAG_MISMATCH, INVALID_FIELD, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="blockedId"/> or <paramref name="blockerId"/> is null.</exception>
    public virtual Task<BoardTask> RemoveBlockerAsync(
        string blockedId, string blockerId, string? etag = null, string? requestId = null,
        CancellationToken cancellationToken = default) =>
        BoardTasks.RemoveBlockerAsync(
            new() { BlockedId = Given(blockedId), BlockerId = Given(blockerId), Etag = etag ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;
}
