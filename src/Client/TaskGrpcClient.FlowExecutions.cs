using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Calls on flow executions.</content>
public partial class TaskGrpcClient
{
    /// <summary>Creates a flow execution in QUEUED.</summary>
    /// <param name="flow">The flow execution. The server ignores its output-only fields.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="validateOnly">True to run every check and store nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// The flow execution as stored. With <paramref name="validateOnly"/>: as it would be stored, without id, etag and times.
    /// </returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_FIELD with every violation, also for a definition that does not parse; REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="flow"/> is null.</exception>
    public virtual Task<FlowExecution> CreateAsync(
        FlowExecution flow, string? requestId = null, bool validateOnly = false, CancellationToken cancellationToken = default) =>
        FlowExecutions.CreateFlowExecutionAsync(
            new() { FlowExecution = Given(flow), RequestId = requestId ?? "", ValidateOnly = validateOnly },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Reads one flow execution.</summary>
    /// <param name="id">The flow execution's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The flow execution.</returns>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<FlowExecution> GetFlowExecutionAsync(string id, CancellationToken cancellationToken = default) =>
        FlowExecutions.GetFlowExecutionAsync(new() { Id = Given(id) }, cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Reads up to 1,000 flow executions as of one moment.</summary>
    /// <param name="ids">The flow executions' ids.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The flow executions in the order of the ids.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, which names the first missing one; INVALID_FIELD, also for an answer above 4 MiB.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="ids"/> is null.</exception>
    public virtual async Task<IReadOnlyList<FlowExecution>> BatchGetFlowExecutionsAsync(
        IEnumerable<string> ids, CancellationToken cancellationToken = default) =>
        (await FlowExecutions.BatchGetFlowExecutionsAsync(
            new() { Ids = { Given(ids) } }, cancellationToken: cancellationToken).ConfigureAwait(false)).FlowExecutions;

    /// <summary>Moves a flow execution to another status. CANCELED also cancels its QUEUED and RUNNING task executions.</summary>
    /// <param name="id">The flow execution's id.</param>
    /// <param name="status">The new status.</param>
    /// <param name="reason">Why, for the log and the watchers. Null: no reason.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The flow execution after the move.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_TRANSITION with <see cref="TaskGrpcException.AllowedStatuses"/>; INVALID_FIELD, RESOURCE_NOT_FOUND, ETAG_MISMATCH,
    /// REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<FlowExecution> TransitionAsync(
        string id, FlowExecutionStatus status, string? reason = null, string? etag = null, string? requestId = null,
        CancellationToken cancellationToken = default) =>
        FlowExecutions.TransitionFlowExecutionAsync(
            new() { Id = Given(id), Status = status, Reason = reason ?? "", Etag = etag ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;
}
