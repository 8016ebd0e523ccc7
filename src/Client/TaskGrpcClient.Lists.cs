using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Lists, which read their pages as the enumeration needs them.</content>
public partial class TaskGrpcClient
{
    /// <summary>Lists agent tasks.</summary>
    /// <param name="request">Which, in which order, and how many in a page. It is copied. Null: all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The tasks. One that matches throughout comes exactly once, even if others are written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<AgentTask> ListAgentTasksAsync(
        ListAgentTasksRequest? request = null, CancellationToken cancellationToken = default) =>
        List(
            request ?? new(),
            (own, options) => AgentTasks.ListAgentTasksAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<AgentTask>(page.AgentTasks, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);

    /// <summary>Lists board tasks.</summary>
    /// <param name="request">Which, in which order, and how many in a page. It is copied. Null: all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The tasks. One that matches throughout comes exactly once, even if others are written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<BoardTask> ListBoardTasksAsync(
        ListBoardTasksRequest? request = null, CancellationToken cancellationToken = default) =>
        List(
            request ?? new(),
            (own, options) => BoardTasks.ListBoardTasksAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<BoardTask>(page.BoardTasks, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);

    /// <summary>Lists the direct subtasks of a board task, the newest first.</summary>
    /// <param name="request">Whose, and how many in a page. It is copied.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The subtasks.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<BoardTask> ListSubtasksAsync(ListSubtasksRequest request, CancellationToken cancellationToken = default) =>
        List(
            Given(request),
            (own, options) => BoardTasks.ListSubtasksAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<BoardTask>(page.BoardTasks, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);

    /// <summary>Lists the direct parents of a board task, the newest first.</summary>
    /// <param name="request">Whose, and how many in a page. It is copied.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The parents.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<BoardTask> ListParentsAsync(ListParentsRequest request, CancellationToken cancellationToken = default) =>
        List(
            Given(request),
            (own, options) => BoardTasks.ListParentsAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<BoardTask>(page.BoardTasks, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);

    /// <summary>Lists monitor tasks.</summary>
    /// <param name="request">Which, in which order, and how many in a page. It is copied. Null: all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The tasks. One that matches throughout comes exactly once, even if others are written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<MonitorTask> ListMonitorTasksAsync(
        ListMonitorTasksRequest? request = null, CancellationToken cancellationToken = default) =>
        List(
            request ?? new(),
            (own, options) => MonitorTasks.ListMonitorTasksAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<MonitorTask>(page.MonitorTasks, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);

    /// <summary>Lists deliveries.</summary>
    /// <param name="request">Which, in which order, and how many in a page. It is copied. Null: all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The deliveries. One that matches throughout comes exactly once, even if others are written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<Delivery> ListDeliveriesAsync(
        ListDeliveriesRequest? request = null, CancellationToken cancellationToken = default) =>
        List(
            request ?? new(),
            (own, options) => Deliveries.ListDeliveriesAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<Delivery>(page.Deliveries, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);

    /// <summary>Lists flow executions.</summary>
    /// <param name="request">Which, in which order, and how many in a page. It is copied. Null: all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The flow executions. One that matches throughout comes exactly once, even if others are written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<FlowExecution> ListFlowExecutionsAsync(
        ListFlowExecutionsRequest? request = null, CancellationToken cancellationToken = default) =>
        List(
            request ?? new(),
            (own, options) => FlowExecutions.ListFlowExecutionsAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<FlowExecution>(page.FlowExecutions, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);

    /// <summary>Lists task executions.</summary>
    /// <param name="request">Which, in which order, and how many in a page. It is copied. Null: all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The task executions. One that matches throughout comes exactly once, even if others are written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<TaskExecution> ListTaskExecutionsAsync(
        ListTaskExecutionsRequest? request = null, CancellationToken cancellationToken = default) =>
        List(
            request ?? new(),
            (own, options) => TaskExecutions.ListTaskExecutionsAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<TaskExecution>(page.TaskExecutions, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);

    /// <summary>Lists the changes that the log keeps, up to its present end. With `ids`: the timeline of these resources.</summary>
    /// <param name="request">Which, after which revision, and how many in a page. It is copied. Null: all that are kept.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The changes in the order of their revisions.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN, REVISION_COMPACTED, REVISION_IN_FUTURE; thrown by the enumeration.
    /// </exception>
    public virtual ResourceList<WatchEvent> ListChangesAsync(
        ListChangesRequest? request = null, CancellationToken cancellationToken = default) =>
        List(
            request ?? new(),
            (own, options) => Changes.ListChangesAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<WatchEvent>(page.Events, page.NextPageToken, page.Revision, page.ResumeToken),
            cancellationToken);

    /// <summary>Lists the leases that stand: who holds what, and when the holder was last heard.</summary>
    /// <param name="request">Of which kind, and how many in a page. It is copied.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The leases, without their tokens. Leases are not part of the log, so no watch can continue from this list.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="TaskGrpcException">INVALID_FIELD, INVALID_FILTER, INVALID_PAGE_TOKEN; thrown by the enumeration.</exception>
    public virtual ResourceList<LeaseRecord> ListLeasesAsync(ListLeasesRequest request, CancellationToken cancellationToken = default) =>
        List(
            Given(request),
            (own, options) => Work.ListLeasesAsync(own, options),
            (own, token) => own.PageToken = token,
            page => new ResourcePage<LeaseRecord>(page.Leases, page.NextPageToken),
            cancellationToken);

    private static ResourceList<T> List<TRequest, TPage, T>(
        TRequest request,
        Func<TRequest, CallOptions, AsyncUnaryCall<TPage>> call,
        Action<TRequest, string> goOn,
        Func<TPage, ResourcePage<T>> read,
        CancellationToken cancellationToken)
        where TRequest : IDeepCloneable<TRequest>
    {
        var kept = request.Clone();
        return new ResourceList<T>(PageAsync, cancellationToken);

        async Task<ResourcePage<T>> PageAsync(string? pageToken, CancellationToken cancellation)
        {
            // A request of its own, because several enumerations may be at different pages.
            var own = kept.Clone();
            if (pageToken is not null)
            {
                goOn(own, pageToken);
            }

            using var page = call(own, new CallOptions(cancellationToken: cancellation));
            return read(await page.ResponseAsync.ConfigureAwait(false));
        }
    }
}
