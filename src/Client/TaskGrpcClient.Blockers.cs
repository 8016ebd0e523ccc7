using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Board tasks that wait for others.</content>
public partial class TaskGrpcClient
{
    /// <summary>
    /// Makes one board task a blocker of another, which cannot be claimed until all its blockers are DONE or deleted. It can still be
    /// moved, and a worker that holds it keeps it.
    /// </summary>
    /// <param name="blockedId">The id of the task that waits.</param>
    /// <param name="blockerId">The id of the task that must be DONE first.</param>
    /// <param name="etag">The version of the blocked task that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The blocked task after the change.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, ETAG_MISMATCH, BLOCKER_EXISTS, BLOCKER_LIMIT, BLOCKER_CYCLE, INVALID_FIELD, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="blockedId"/> or <paramref name="blockerId"/> is null.</exception>
    public virtual Task<BoardTask> AddBlockerAsync(
        string blockedId, string blockerId, string? etag = null, string? requestId = null,
        CancellationToken cancellationToken = default) =>
        BoardTasks.AddBlockerAsync(
            new() { BlockedId = Given(blockedId), BlockerId = Given(blockerId), Etag = etag ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Removes the edge from a blocked board task to its blocker. Both tasks stay.</summary>
    /// <param name="blockedId">The blocked task's id.</param>
    /// <param name="blockerId">The blocker's id.</param>
    /// <param name="etag">The version of the blocked task that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The blocked task after the change.</returns>
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

    /// <summary>Lists the tasks that block a board task, DONE ones too, the newest first.</summary>
    /// <param name="request">Whose, and how many in a page. It is copied.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The blockers.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<BoardTask> ListBlockersAsync(ListBlockersRequest request, CancellationToken cancellationToken = default) =>
        List(
            Given(request),
            (own, options) => BoardTasks.ListBlockersAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<BoardTask>(page.BoardTasks, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);

    /// <summary>Lists the tasks that a board task blocks, the newest first.</summary>
    /// <param name="request">Whose, and how many in a page. It is copied.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The blocked tasks.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<BoardTask> ListBlockedAsync(ListBlockedRequest request, CancellationToken cancellationToken = default) =>
        List(
            Given(request),
            (own, options) => BoardTasks.ListBlockedAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<BoardTask>(page.BoardTasks, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);
}
