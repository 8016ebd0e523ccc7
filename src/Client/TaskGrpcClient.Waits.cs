using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>
/// Waits for one resource. Each is a watch that begins with the present state, so it misses no state between two reads; it survives cuts
/// and restarts of the server, and counts towards the server's WATCH_LIMIT while it lasts.
/// </content>
public partial class TaskGrpcClient
{
    /// <summary>Waits until an agent task meets a condition. The condition sees the present state, then each later one.</summary>
    /// <param name="id">The agent task's id.</param>
    /// <param name="condition">What to wait for. Include the statuses that end the wait without success.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state that meets the condition.</returns>
    /// <exception cref="TimeoutException">No state met the condition in time; the message has the last status.</exception>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND: no such agent task, or it was deleted; INVALID_FIELD, WATCH_LIMIT.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> or <paramref name="condition"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    public virtual Task<AgentTask> WaitForAgentTaskAsync(
        string id, Func<AgentTask, bool> condition, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        new ResourceWait<AgentTask>(this, ResourceKind.AgentTask, Given(id), change => change.AgentTask, Given(condition))
        {
            StatusOf = resource => resource.Status,
            IsDeleted = task => task.DeletedAt is not null,
            ReadAsync = GetAgentTaskAsync,
        }.RunAsync(timeout, cancellationToken);

    /// <summary>
    /// Waits until an agent task has a status. It does not end when another status makes that impossible: pass a condition for that.
    /// </summary>
    /// <param name="id">The agent task's id.</param>
    /// <param name="status">The status to wait for.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state with the status.</returns>
    /// <exception cref="TimeoutException">The status was not reached in time; the message has the last one.</exception>
    /// <exception cref="TaskGrpcException">As the overload with a condition.</exception>
    public virtual Task<AgentTask> WaitForAgentTaskAsync(
        string id, AgentTaskStatus status, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        WaitForAgentTaskAsync(id, resource => resource.Status == status, timeout, cancellationToken);

    /// <summary>Waits until a board task meets a condition. The condition sees the present state, then each later one.</summary>
    /// <param name="id">The board task's id.</param>
    /// <param name="condition">What to wait for. Include the statuses that end the wait without success.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state that meets the condition.</returns>
    /// <exception cref="TimeoutException">No state met the condition in time; the message has the last status.</exception>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND: no such board task, or it was deleted; INVALID_FIELD, WATCH_LIMIT.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> or <paramref name="condition"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    public virtual Task<BoardTask> WaitForBoardTaskAsync(
        string id, Func<BoardTask, bool> condition, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        new ResourceWait<BoardTask>(this, ResourceKind.BoardTask, Given(id), change => change.BoardTask, Given(condition))
        {
            StatusOf = resource => resource.Status,
            IsDeleted = task => task.DeletedAt is not null,
            ReadAsync = GetBoardTaskAsync,
        }.RunAsync(timeout, cancellationToken);

    /// <summary>
    /// Waits until a board task has a status. It does not end when another status makes that impossible: pass a condition for that.
    /// </summary>
    /// <param name="id">The board task's id.</param>
    /// <param name="status">The status to wait for.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state with the status.</returns>
    /// <exception cref="TimeoutException">The status was not reached in time; the message has the last one.</exception>
    /// <exception cref="TaskGrpcException">As the overload with a condition.</exception>
    public virtual Task<BoardTask> WaitForBoardTaskAsync(
        string id, BoardTaskStatus status, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        WaitForBoardTaskAsync(id, resource => resource.Status == status, timeout, cancellationToken);

    /// <summary>Waits until a monitor task meets a condition. The condition sees the present state, then each later one.</summary>
    /// <param name="taskId">The monitor task's id.</param>
    /// <param name="condition">What to wait for. Include the statuses that end the wait without success.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state that meets the condition.</returns>
    /// <exception cref="TimeoutException">No state met the condition in time; the message has the last status.</exception>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND: no such monitor task, or it was deleted; INVALID_FIELD, WATCH_LIMIT.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="taskId"/> or <paramref name="condition"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    public virtual Task<MonitorTask> WaitForMonitorTaskAsync(
        string taskId, Func<MonitorTask, bool> condition, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        new ResourceWait<MonitorTask>(this, ResourceKind.MonitorTask, Given(taskId), change => change.MonitorTask, Given(condition))
        {
            StatusOf = resource => resource.Status,
            IsDeleted = task => task.Status == MonitorTaskStatus.Deleted,
            ReadAsync = GetMonitorTaskAsync,
        }.RunAsync(timeout, cancellationToken);

    /// <summary>
    /// Waits until a monitor task has a status. It does not end when another status makes that impossible: pass a condition for that.
    /// </summary>
    /// <param name="taskId">The monitor task's id.</param>
    /// <param name="status">The status to wait for.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state with the status.</returns>
    /// <exception cref="TimeoutException">The status was not reached in time; the message has the last one.</exception>
    /// <exception cref="TaskGrpcException">As the overload with a condition.</exception>
    public virtual Task<MonitorTask> WaitForMonitorTaskAsync(
        string taskId, MonitorTaskStatus status, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        WaitForMonitorTaskAsync(taskId, resource => resource.Status == status, timeout, cancellationToken);

    /// <summary>Waits until a delivery meets a condition. The condition sees the present state, then each later one.</summary>
    /// <param name="id">The delivery's id.</param>
    /// <param name="condition">What to wait for. Include the statuses that end the wait without success.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state that meets the condition.</returns>
    /// <exception cref="TimeoutException">No state met the condition in time; the message has the last status.</exception>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND: no such delivery; INVALID_FIELD, WATCH_LIMIT.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> or <paramref name="condition"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    public virtual Task<Delivery> WaitForDeliveryAsync(
        string id, Func<Delivery, bool> condition, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        new ResourceWait<Delivery>(this, ResourceKind.Delivery, Given(id), change => change.Delivery, Given(condition))
        {
            StatusOf = resource => resource.Status,
            IsDeleted = _ => false,
            ReadAsync = GetDeliveryAsync,
        }.RunAsync(timeout, cancellationToken);

    /// <summary>
    /// Waits until a delivery has a status. It does not end when another status makes that impossible: pass a condition for that.
    /// </summary>
    /// <param name="id">The delivery's id.</param>
    /// <param name="status">The status to wait for.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state with the status.</returns>
    /// <exception cref="TimeoutException">The status was not reached in time; the message has the last one.</exception>
    /// <exception cref="TaskGrpcException">As the overload with a condition.</exception>
    public virtual Task<Delivery> WaitForDeliveryAsync(
        string id, DeliveryStatus status, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        WaitForDeliveryAsync(id, resource => resource.Status == status, timeout, cancellationToken);

    /// <summary>Waits until a flow execution meets a condition. The condition sees the present state, then each later one.</summary>
    /// <param name="id">The flow execution's id.</param>
    /// <param name="condition">What to wait for. Include the statuses that end the wait without success.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state that meets the condition.</returns>
    /// <exception cref="TimeoutException">No state met the condition in time; the message has the last status.</exception>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND: no such flow execution; INVALID_FIELD, WATCH_LIMIT.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> or <paramref name="condition"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    public virtual Task<FlowExecution> WaitForFlowExecutionAsync(
        string id, Func<FlowExecution, bool> condition, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        new ResourceWait<FlowExecution>(this, ResourceKind.FlowExecution, Given(id), change => change.FlowExecution, Given(condition))
        {
            StatusOf = resource => resource.Status,
            IsDeleted = _ => false,
            ReadAsync = GetFlowExecutionAsync,
        }.RunAsync(timeout, cancellationToken);

    /// <summary>
    /// Waits until a flow execution has a status. It does not end when another status makes that impossible: pass a condition for that.
    /// </summary>
    /// <param name="id">The flow execution's id.</param>
    /// <param name="status">The status to wait for.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state with the status.</returns>
    /// <exception cref="TimeoutException">The status was not reached in time; the message has the last one.</exception>
    /// <exception cref="TaskGrpcException">As the overload with a condition.</exception>
    public virtual Task<FlowExecution> WaitForFlowExecutionAsync(
        string id, FlowExecutionStatus status, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        WaitForFlowExecutionAsync(id, resource => resource.Status == status, timeout, cancellationToken);

    /// <summary>Waits until a task execution meets a condition. The condition sees the present state, then each later one.</summary>
    /// <param name="id">The task execution's id.</param>
    /// <param name="condition">What to wait for. Include the statuses that end the wait without success.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state that meets the condition.</returns>
    /// <exception cref="TimeoutException">No state met the condition in time; the message has the last status.</exception>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND: no such task execution, or it was deleted; INVALID_FIELD, WATCH_LIMIT.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> or <paramref name="condition"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    public virtual Task<TaskExecution> WaitForTaskExecutionAsync(
        string id, Func<TaskExecution, bool> condition, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        new ResourceWait<TaskExecution>(this, ResourceKind.TaskExecution, Given(id), change => change.TaskExecution, Given(condition))
        {
            StatusOf = resource => resource.Status,
            IsDeleted = execution => execution.Status == TaskExecutionStatus.Deleted,
            ReadAsync = GetTaskExecutionAsync,
        }.RunAsync(timeout, cancellationToken);

    /// <summary>
    /// Waits until a task execution has a status. It does not end when another status makes that impossible: pass a condition for that.
    /// </summary>
    /// <param name="id">The task execution's id.</param>
    /// <param name="status">The status to wait for.</param>
    /// <param name="timeout">How long to wait, above 0 and up to 24 days. Null: until cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The first state with the status.</returns>
    /// <exception cref="TimeoutException">The status was not reached in time; the message has the last one.</exception>
    /// <exception cref="TaskGrpcException">As the overload with a condition.</exception>
    public virtual Task<TaskExecution> WaitForTaskExecutionAsync(
        string id, TaskExecutionStatus status, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        WaitForTaskExecutionAsync(id, resource => resource.Status == status, timeout, cancellationToken);
}
