using System.Runtime.CompilerServices;
using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

public sealed partial class TaskGrpcClient
{
    /// <summary>Lists agent tasks, page after page as they are asked for.</summary>
    /// <param name="request">Which, in which order, and how many at a time. It is copied; null lists all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The tasks. A task that matched throughout comes exactly once, whatever is written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN, or the server was not reached.</exception>
    /// <exception cref="OperationCanceledException">The enumeration was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<AgentTask> ListAgentTasksAsync(ListAgentTasksRequest? request = null, CancellationToken cancellationToken = default) =>
        PagesAsync(request?.Clone() ?? new(), (page, options) => AgentTasks.ListAgentTasksAsync(page, options), page => page.AgentTasks, page => page.NextPageToken, (page, token) => page.PageToken = token, cancellationToken);

    /// <summary>Lists board tasks, page after page as they are asked for.</summary>
    /// <param name="request">Which, in which order, and how many at a time. It is copied; null lists all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The tasks. A task that matched throughout comes exactly once, whatever is written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN, or the server was not reached.</exception>
    /// <exception cref="OperationCanceledException">The enumeration was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<BoardTask> ListBoardTasksAsync(ListBoardTasksRequest? request = null, CancellationToken cancellationToken = default) =>
        PagesAsync(request?.Clone() ?? new(), (page, options) => BoardTasks.ListBoardTasksAsync(page, options), page => page.BoardTasks, page => page.NextPageToken, (page, token) => page.PageToken = token, cancellationToken);

    /// <summary>Lists a board task's direct subtasks, page after page as they are asked for.</summary>
    /// <param name="request">Whose, and how many at a time. It is copied.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The subtasks.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD, INVALID_PAGE_TOKEN, or the server was not reached.</exception>
    /// <exception cref="OperationCanceledException">The enumeration was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<BoardTask> ListSubtasksAsync(ListSubtasksRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return PagesAsync(request.Clone(), (page, options) => BoardTasks.ListSubtasksAsync(page, options), page => page.BoardTasks, page => page.NextPageToken, (page, token) => page.PageToken = token, cancellationToken);
    }

    /// <summary>Lists the board tasks of which a task is a direct subtask, page after page as they are asked for.</summary>
    /// <param name="request">Whose, and how many at a time. It is copied.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The parents.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD, INVALID_PAGE_TOKEN, or the server was not reached.</exception>
    /// <exception cref="OperationCanceledException">The enumeration was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<BoardTask> ListParentsAsync(ListParentsRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return PagesAsync(request.Clone(), (page, options) => BoardTasks.ListParentsAsync(page, options), page => page.BoardTasks, page => page.NextPageToken, (page, token) => page.PageToken = token, cancellationToken);
    }

    /// <summary>Lists monitor tasks, page after page as they are asked for.</summary>
    /// <param name="request">Which, in which order, and how many at a time. It is copied; null lists all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The monitor tasks. One that matched throughout comes exactly once, whatever is written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN, or the server was not reached.</exception>
    /// <exception cref="OperationCanceledException">The enumeration was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<MonitorTask> ListMonitorTasksAsync(ListMonitorTasksRequest? request = null, CancellationToken cancellationToken = default) =>
        PagesAsync(request?.Clone() ?? new(), (page, options) => MonitorTasks.ListMonitorTasksAsync(page, options), page => page.MonitorTasks, page => page.NextPageToken, (page, token) => page.PageToken = token, cancellationToken);

    /// <summary>Lists deliveries, page after page as they are asked for.</summary>
    /// <param name="request">Which, in which order, and how many at a time. It is copied; null lists all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The deliveries. One that matched throughout comes exactly once, whatever is written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN, or the server was not reached.</exception>
    /// <exception cref="OperationCanceledException">The enumeration was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<Delivery> ListDeliveriesAsync(ListDeliveriesRequest? request = null, CancellationToken cancellationToken = default) =>
        PagesAsync(request?.Clone() ?? new(), (page, options) => Deliveries.ListDeliveriesAsync(page, options), page => page.Deliveries, page => page.NextPageToken, (page, token) => page.PageToken = token, cancellationToken);

    /// <summary>Lists flow executions, page after page as they are asked for.</summary>
    /// <param name="request">Which, in which order, and how many at a time. It is copied; null lists all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The flow executions. One that matched throughout comes exactly once, whatever is written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN, or the server was not reached.</exception>
    /// <exception cref="OperationCanceledException">The enumeration was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<FlowExecution> ListFlowExecutionsAsync(ListFlowExecutionsRequest? request = null, CancellationToken cancellationToken = default) =>
        PagesAsync(request?.Clone() ?? new(), (page, options) => FlowExecutions.ListFlowExecutionsAsync(page, options), page => page.FlowExecutions, page => page.NextPageToken, (page, token) => page.PageToken = token, cancellationToken);

    /// <summary>Lists task executions, page after page as they are asked for.</summary>
    /// <param name="request">Which, in which order, and how many at a time. It is copied; null lists all, the newest first.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The task executions. One that matched throughout comes exactly once, whatever is written meanwhile.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, INVALID_PAGE_TOKEN, or the server was not reached.</exception>
    /// <exception cref="OperationCanceledException">The enumeration was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<TaskExecution> ListTaskExecutionsAsync(ListTaskExecutionsRequest? request = null, CancellationToken cancellationToken = default) =>
        PagesAsync(request?.Clone() ?? new(), (page, options) => TaskExecutions.ListTaskExecutionsAsync(page, options), page => page.TaskExecutions, page => page.NextPageToken, (page, token) => page.PageToken = token, cancellationToken);

    /// <summary>Lists the log of changes up to its present end, page after page as they are asked for: with `ids`, the timeline of a resource.</summary>
    /// <param name="request">Which changes, and how many at a time. It is copied; null lists all that are kept.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The changes in the order of their revisions.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FILTER, INVALID_FIELD, REVISION_COMPACTED, REVISION_IN_FUTURE, or the server was not reached.</exception>
    /// <exception cref="OperationCanceledException">The enumeration was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<WatchEvent> ListChangesAsync(ListChangesRequest? request = null, CancellationToken cancellationToken = default) =>
        PagesAsync(request?.Clone() ?? new(), (page, options) => Changes.ListChangesAsync(page, options), page => page.Events, page => page.NextPageToken, (page, token) => page.PageToken = token, cancellationToken);

    private static async IAsyncEnumerable<T> PagesAsync<TRequest, TPage, T>(
        TRequest request, Func<TRequest, CallOptions, AsyncUnaryCall<TPage>> list, Func<TPage, IReadOnlyList<T>> items, Func<TPage, string> next, Action<TRequest, string> goOn, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TRequest : IDeepCloneable<TRequest>
    {
        // Each enumeration turns the pages of a request of its own, and begins where the caller's begins.
        var own = request.Clone();
        string token;
        do
        {
            using var call = list(own, new CallOptions(cancellationToken: cancellationToken));
            var page = await call.ResponseAsync.ConfigureAwait(false);
            foreach (var item in items(page))
            {
                yield return item;
            }

            token = next(page);
            goOn(own, token);
        }
        while (token.Length > 0);
    }
}
