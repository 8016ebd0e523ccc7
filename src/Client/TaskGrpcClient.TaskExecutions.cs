using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Calls on task executions. For request fields that have no parameter here, call <see cref="TaskExecutions"/>.</content>
public partial class TaskGrpcClient
{
    /// <summary>Creates a task execution, or records one that already ran.</summary>
    /// <param name="execution">The execution. The server ignores its output-only fields.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="validateOnly">True to run every check and store nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// The execution as stored. With <paramref name="validateOnly"/>: as it would be stored, without id, etag and times.
    /// </returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_FIELD with every violation; RESOURCE_NOT_FOUND (the flow), TASK_EXECUTION_EXISTS, FLOW_EXECUTION_FINISHED,
    /// UPSTREAM_OUTPUT_MISSING, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="execution"/> is null.</exception>
    public virtual Task<TaskExecution> CreateAsync(
        TaskExecution execution, string? requestId = null, bool validateOnly = false, CancellationToken cancellationToken = default) =>
        TaskExecutions.CreateTaskExecutionAsync(
            new() { TaskExecution = Given(execution), RequestId = requestId ?? "", ValidateOnly = validateOnly },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Creates up to 1,000 task executions in one revision, all or none.</summary>
    /// <param name="executions">The executions.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="validateOnly">True to run every check and store nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The executions as stored, in the same order.</returns>
    /// <exception cref="TaskGrpcException">
    /// As <see cref="CreateAsync(TaskExecution, string?, bool, CancellationToken)"/>, with paths like
    /// <c>task_executions[3].task_name</c>.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="executions"/> is null.</exception>
    public virtual async Task<IReadOnlyList<TaskExecution>> BatchCreateAsync(
        IEnumerable<TaskExecution> executions, string? requestId = null, bool validateOnly = false,
        CancellationToken cancellationToken = default) =>
        (await TaskExecutions.BatchCreateTaskExecutionsAsync(
            new() { TaskExecutions = { Given(executions) }, RequestId = requestId ?? "", ValidateOnly = validateOnly },
            cancellationToken: cancellationToken).ConfigureAwait(false)).TaskExecutions;

    /// <summary>Reads one task execution, a deleted one too.</summary>
    /// <param name="id">The execution's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The execution.</returns>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<TaskExecution> GetTaskExecutionAsync(string id, CancellationToken cancellationToken = default) =>
        TaskExecutions.GetTaskExecutionAsync(new() { Id = Given(id) }, cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Reads the task execution with this flow, task name and index.</summary>
    /// <param name="flowExecutionId">The flow execution's id.</param>
    /// <param name="taskName">The task's name, case-sensitive.</param>
    /// <param name="taskExecutionIndex">Which attempt, from 0. Null: the latest that is not deleted.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The execution.</returns>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="flowExecutionId"/> or <paramref name="taskName"/> is null.</exception>
    public virtual Task<TaskExecution> GetTaskExecutionByKeyAsync(
        string flowExecutionId, string taskName, int? taskExecutionIndex = null, CancellationToken cancellationToken = default) =>
        TaskExecutions.GetTaskExecutionByKeyAsync(
            WithIndex(new() { FlowExecutionId = Given(flowExecutionId), TaskName = Given(taskName) }, taskExecutionIndex),
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Reads up to 1,000 task executions as of one moment, deleted ones too.</summary>
    /// <param name="ids">The executions' ids.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The executions in the order of the ids.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, which names the first missing one; INVALID_FIELD, also for an answer above 4 MiB.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="ids"/> is null.</exception>
    public virtual async Task<IReadOnlyList<TaskExecution>> BatchGetTaskExecutionsAsync(
        IEnumerable<string> ids, CancellationToken cancellationToken = default) =>
        (await TaskExecutions.BatchGetTaskExecutionsAsync(
            new() { Ids = { Given(ids) } }, cancellationToken: cancellationToken).ConfigureAwait(false)).TaskExecutions;

    /// <summary>Moves a task execution to another status.</summary>
    /// <param name="id">The execution's id.</param>
    /// <param name="status">The new status.</param>
    /// <param name="reason">Why, for the log and the watchers. Null: no reason.</param>
    /// <param name="output">The output, any JSON value; only with COMPLETED. Null: none.</param>
    /// <param name="error">What went wrong: required with FAILED, refused with any other status.</param>
    /// <param name="leaseToken">
    /// The token of the lease under which the caller holds the execution; another one is LEASE_LOST. Null: none. While somebody else
    /// holds the execution, a transition by an agent or a service without it is LEASE_REQUIRED.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The execution after the move.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_TRANSITION with <see cref="TaskGrpcException.AllowedStatuses"/>; FLOW_EXECUTION_FINISHED, INVALID_FIELD,
    /// RESOURCE_NOT_FOUND, LEASE_LOST, LEASE_REQUIRED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<TaskExecution> TransitionAsync(
        string id, TaskExecutionStatus status, string? reason = null, Value? output = null, ExecutionError? error = null,
        string? leaseToken = null, CancellationToken cancellationToken = default) =>
        TaskExecutions.TransitionTaskExecutionAsync(
            new()
            {
                Id = Given(id),
                Status = status,
                Reason = reason ?? "",
                Output = output,
                Error = error,
                LeaseToken = leaseToken ?? "",
            },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Creates the next attempt after a FAILED, CANCELED or STALE task execution, with a copy of its input.</summary>
    /// <param name="id">The id of the latest attempt.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The new execution.</returns>
    /// <exception cref="TaskGrpcException">
    /// NOT_LATEST_ATTEMPT, INVALID_TRANSITION, FLOW_EXECUTION_FINISHED, RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_FIELD,
    /// REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<TaskExecution> RetryTaskExecutionAsync(
        string id, string? etag = null, string? requestId = null, CancellationToken cancellationToken = default) =>
        TaskExecutions.RetryTaskExecutionAsync(
            new() { Id = Given(id), Etag = etag ?? "", RequestId = requestId ?? "" }, cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Deletes one task execution. It stays for audit in DELETED, and its key stays taken.</summary>
    /// <param name="id">The execution's id.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="leaseToken">
    /// The token of the lease under which the caller holds the execution; another one is LEASE_LOST. Null: none.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The deleted execution.</returns>
    /// <exception cref="TaskGrpcException">ETAG_MISMATCH, LEASE_LOST, RESOURCE_NOT_FOUND, INVALID_FIELD, REQUEST_ID_REUSED.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<TaskExecution> DeleteTaskExecutionAsync(
        string id, string? etag = null, string? requestId = null, string? leaseToken = null,
        CancellationToken cancellationToken = default) =>
        TaskExecutions.DeleteTaskExecutionAsync(
            new() { Id = Given(id), Etag = etag ?? "", RequestId = requestId ?? "", LeaseToken = leaseToken ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Deletes one task execution unless it has changed since it was read.</summary>
    /// <param name="execution">The execution as read: the call uses only its id and its etag.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="leaseToken">
    /// The token of the lease under which the caller holds the execution; another one is LEASE_LOST. Null: none.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The deleted execution.</returns>
    /// <exception cref="TaskGrpcException">As <see cref="DeleteTaskExecutionAsync"/>.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="execution"/> is null.</exception>
    public virtual Task<TaskExecution> DeleteAsync(
        TaskExecution execution, string? requestId = null, string? leaseToken = null, CancellationToken cancellationToken = default) =>
        DeleteTaskExecutionAsync(Given(execution).Id, execution.Etag, requestId, leaseToken, cancellationToken);

    private static GetTaskExecutionByKeyRequest WithIndex(GetTaskExecutionByKeyRequest request, int? taskExecutionIndex)
    {
        if (taskExecutionIndex is { } index)
        {
            request.TaskExecutionIndex = index;
        }

        return request;
    }
}
