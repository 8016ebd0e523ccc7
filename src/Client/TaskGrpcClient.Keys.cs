using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Creations that you can repeat at any time, by an external key.</content>
public partial class TaskGrpcClient
{
    /// <summary>Creates an agent task, or returns the existing one with the same external key.</summary>
    /// <param name="task">The task, with <see cref="AgentTask.ExternalKey"/>.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <returns>The new task, or the existing one as it is now: perhaps with other values, perhaps ended or deleted.</returns>
    /// <exception cref="TaskGrpcException">
    /// As <see cref="CreateAsync(AgentTask, string?, bool, CancellationToken)"/>, but for EXTERNAL_KEY_EXISTS.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    /// <exception cref="ArgumentException">The task has no external key.</exception>
    public virtual Task<AgentTask> CreateOrGetAsync(AgentTask task, CancellationToken cancellationToken = default) =>
        CreateOrGetAsync(
            task, () => CreateAsync(task, cancellationToken: cancellationToken), id => GetAgentTaskAsync(id, cancellationToken));

    /// <summary>Creates a board task, or returns the existing one with the same external key.</summary>
    /// <param name="task">The task, with <see cref="BoardTask.ExternalKey"/>.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <returns>The new task, or the existing one as it is now: perhaps with other values, perhaps done or deleted.</returns>
    /// <exception cref="TaskGrpcException">
    /// As <see cref="CreateAsync(BoardTask, string?, bool, CancellationToken)"/>, but for EXTERNAL_KEY_EXISTS.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    /// <exception cref="ArgumentException">The task has no external key.</exception>
    public virtual Task<BoardTask> CreateOrGetAsync(BoardTask task, CancellationToken cancellationToken = default) =>
        CreateOrGetAsync(
            task, () => CreateAsync(task, cancellationToken: cancellationToken), id => GetBoardTaskAsync(id, cancellationToken));

    /// <summary>Creates a monitor task, or returns the existing one with the same external key.</summary>
    /// <param name="task">The task, with <see cref="MonitorTask.ExternalKey"/>.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <returns>The new task, or the existing one as it is now: perhaps with other values, perhaps paused or deleted.</returns>
    /// <exception cref="TaskGrpcException">
    /// As <see cref="CreateAsync(MonitorTask, string?, bool, CancellationToken)"/>, but for EXTERNAL_KEY_EXISTS.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    /// <exception cref="ArgumentException">The task has no external key.</exception>
    public virtual Task<MonitorTask> CreateOrGetAsync(MonitorTask task, CancellationToken cancellationToken = default) =>
        CreateOrGetAsync(
            task, () => CreateAsync(task, cancellationToken: cancellationToken), id => GetMonitorTaskAsync(id, cancellationToken));

    /// <summary>Creates a flow execution, or returns the existing one with the same external key.</summary>
    /// <param name="flow">The flow execution, with <see cref="FlowExecution.ExternalKey"/>.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <returns>The new flow execution, or the existing one as it is now: perhaps with another input, perhaps ended.</returns>
    /// <exception cref="TaskGrpcException">
    /// As <see cref="CreateAsync(FlowExecution, string?, bool, CancellationToken)"/>, but for EXTERNAL_KEY_EXISTS.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="flow"/> is null.</exception>
    /// <exception cref="ArgumentException">The flow execution has no external key.</exception>
    public virtual Task<FlowExecution> CreateOrGetAsync(FlowExecution flow, CancellationToken cancellationToken = default) =>
        CreateOrGetAsync(
            flow, () => CreateAsync(flow, cancellationToken: cancellationToken), id => GetFlowExecutionAsync(id, cancellationToken));

    private static async Task<T> CreateOrGetAsync<T>(T resource, Func<Task<T>> create, Func<string, Task<T>> get)
        where T : class, IKeyedResource
    {
        if (!Given(resource).HasExternalKey)
        {
            throw new ArgumentException("Set ExternalKey: by it the server finds the resource that exists.", nameof(resource));
        }

        try
        {
            return await create().ConfigureAwait(false);
        }
        catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.ExternalKeyExists)
        {
            return await get(refusal.Details["existing_id"]).ConfigureAwait(false);
        }
    }
}
