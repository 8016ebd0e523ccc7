using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Calls on agent tasks. For request fields that have no parameter here, call <see cref="AgentTasks"/>.</content>
public partial class TaskGrpcClient
{
    /// <summary>Creates an agent task in QUEUED.</summary>
    /// <param name="task">The task. The server ignores its output-only fields.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="validateOnly">True to run every check and store nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// The task as stored. With <paramref name="validateOnly"/>: the task as it would be stored, without id, etag and times.
    /// </returns>
    /// <exception cref="TaskGrpcException">INVALID_FIELD with every violation; REQUEST_ID_REUSED.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public virtual Task<AgentTask> CreateAsync(
        AgentTask task, string? requestId = null, bool validateOnly = false, CancellationToken cancellationToken = default) =>
        AgentTasks.CreateAgentTaskAsync(
            new() { AgentTask = Given(task), RequestId = requestId ?? "", ValidateOnly = validateOnly },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Creates up to 1,000 agent tasks in one revision, all or none.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="validateOnly">True to run every check and store nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The tasks as stored, in the same order.</returns>
    /// <exception cref="TaskGrpcException">
    /// As <see cref="CreateAsync(AgentTask, string?, bool, CancellationToken)"/>, with paths like <c>agent_tasks[3].title</c>.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="tasks"/> is null.</exception>
    public virtual async Task<IReadOnlyList<AgentTask>> BatchCreateAsync(
        IEnumerable<AgentTask> tasks, string? requestId = null, bool validateOnly = false,
        CancellationToken cancellationToken = default) =>
        (await AgentTasks.BatchCreateAgentTasksAsync(
            new() { AgentTasks = { Given(tasks) }, RequestId = requestId ?? "", ValidateOnly = validateOnly },
            cancellationToken: cancellationToken).ConfigureAwait(false)).AgentTasks;

    /// <summary>Reads one agent task, a deleted one too.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task.</returns>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<AgentTask> GetAgentTaskAsync(string id, CancellationToken cancellationToken = default) =>
        AgentTasks.GetAgentTaskAsync(new() { Id = Given(id) }, cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Reads up to 1,000 agent tasks as of one moment, deleted ones too.</summary>
    /// <param name="ids">The tasks' ids.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The tasks in the order of the ids.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, which names the first missing task; INVALID_FIELD, also for an answer above 4 MiB.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="ids"/> is null.</exception>
    public virtual async Task<IReadOnlyList<AgentTask>> BatchGetAgentTasksAsync(
        IEnumerable<string> ids, CancellationToken cancellationToken = default) =>
        (await AgentTasks.BatchGetAgentTasksAsync(
            new() { Ids = { Given(ids) } }, cancellationToken: cancellationToken).ConfigureAwait(false)).AgentTasks;

    /// <summary>Changes fields of one agent task.</summary>
    /// <param name="task">The task's id, the new values, and the etag that must be current. An empty etag: any version.</param>
    /// <param name="updateMask">
    /// The fields to change. A field that is in the mask and unset is cleared. Null: every populated field.
    /// </param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="leaseToken">
    /// The token of the lease under which the caller holds the task; another one is LEASE_LOST. Null: none.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the change.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_FIELD, IMMUTABLE_FIELD, FIELD_LOCKED, APPROVER_NOT_ALLOWED, ETAG_MISMATCH, RESOURCE_NOT_FOUND, LEASE_LOST,
    /// REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public virtual Task<AgentTask> UpdateAsync(
        AgentTask task, FieldMask? updateMask = null, string? requestId = null, string? leaseToken = null,
        CancellationToken cancellationToken = default) =>
        AgentTasks.UpdateAgentTaskAsync(
            new() { AgentTask = Given(task), UpdateMask = updateMask, RequestId = requestId ?? "", LeaseToken = leaseToken ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>
    /// Changes the named fields of one agent task: <c>UpdateAsync(task, "title", "priority")</c>. To cancel the call, pass a <see
    /// cref="FieldMask"/>.
    /// </summary>
    /// <param name="task">The task's id, the new values, and the etag that must be current. An empty etag: any version.</param>
    /// <param name="fields">
    /// The fields to change, as the proto names them. A field that is named and unset is cleared. None: every populated field.
    /// </param>
    /// <returns>The task after the change.</returns>
    /// <exception cref="TaskGrpcException">As the overload with a <see cref="FieldMask"/>.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="fields"/> is null.</exception>
    public virtual Task<AgentTask> UpdateAsync(AgentTask task, params IEnumerable<string> fields) =>
        UpdateAsync(task, new FieldMask { Paths = { Given(fields) } });

    /// <summary>
    /// Reads one agent task, applies <paramref name="change"/>, and sends the fields that differ with the etag it read. After
    /// ETAG_MISMATCH it reads again and repeats, at most <see cref="TaskGrpcClientOptions.MaxUpdateAttempts"/> times in all.
    /// </summary>
    /// <param name="id">The task's id.</param>
    /// <param name="change">
    /// Changes the values. It is synchronous. It runs again on the newly read task after each mismatch, so it must only change the task.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the change. If nothing differs, the client sends no update and returns the task as read.</returns>
    /// <exception cref="TaskGrpcException">As UpdateAsync. ETAG_MISMATCH only after the last attempt.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="change"/> is null.</exception>
    public virtual Task<AgentTask> UpdateAgentTaskAsync(
        string id, Action<AgentTask> change, CancellationToken cancellationToken = default) =>
        ReadModifyWrite.RunAsync(
            State,
            token => GetAgentTaskAsync(id, token),
            Given(change),
            (task, mask, token) => UpdateAsync(task, mask, cancellationToken: token),
            cancellationToken);

    /// <summary>Deletes one agent task. It stays for audit and cannot be restored.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="leaseToken">
    /// The token of the lease under which the caller holds the task; another one is LEASE_LOST. Null: none.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The deleted task.</returns>
    /// <exception cref="TaskGrpcException">ETAG_MISMATCH, LEASE_LOST, RESOURCE_NOT_FOUND, INVALID_FIELD, REQUEST_ID_REUSED.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<AgentTask> DeleteAgentTaskAsync(
        string id, string? etag = null, string? requestId = null, string? leaseToken = null,
        CancellationToken cancellationToken = default) =>
        AgentTasks.DeleteAgentTaskAsync(
            new() { Id = Given(id), Etag = etag ?? "", RequestId = requestId ?? "", LeaseToken = leaseToken ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Deletes one agent task unless it has changed since it was read.</summary>
    /// <param name="task">The task as read: the call uses only its id and its etag.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="leaseToken">
    /// The token of the lease under which the caller holds the task; another one is LEASE_LOST. Null: none.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The deleted task.</returns>
    /// <exception cref="TaskGrpcException">ETAG_MISMATCH, LEASE_LOST, RESOURCE_NOT_FOUND, INVALID_FIELD, REQUEST_ID_REUSED.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public virtual Task<AgentTask> DeleteAsync(
        AgentTask task, string? requestId = null, string? leaseToken = null, CancellationToken cancellationToken = default) =>
        DeleteAgentTaskAsync(Given(task).Id, task.Etag, requestId, leaseToken, cancellationToken);

    /// <summary>Moves an agent task to another status.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="status">The new status.</param>
    /// <param name="reason">Why, for the log and the watchers. Null: no reason.</param>
    /// <param name="error">What went wrong: required with FAILED, refused with any other status.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="result">What the work has yielded, any JSON value up to 1 MiB; only with COMPLETED. Null: none.</param>
    /// <param name="leaseToken">
    /// The token of the lease under which the caller holds the task; another one is LEASE_LOST. Null: none. While somebody else holds the
    /// task, a transition by an agent or a service without it is LEASE_REQUIRED.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the move.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_TRANSITION with <see cref="TaskGrpcException.AllowedStatuses"/>; APPROVAL_REQUIRED, INVALID_FIELD,
    /// RESOURCE_NOT_FOUND, ETAG_MISMATCH, LEASE_LOST, LEASE_REQUIRED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<AgentTask> TransitionAsync(
        string id, AgentTaskStatus status, string? reason = null, string? error = null, string? etag = null, Value? result = null,
        string? leaseToken = null, CancellationToken cancellationToken = default) =>
        AgentTasks.TransitionAgentTaskAsync(
            WithError(
                new()
                {
                    Id = Given(id),
                    Status = status,
                    Reason = reason ?? "",
                    Etag = etag ?? "",
                    Result = result,
                    LeaseToken = leaseToken ?? "",
                },
                error),
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Approves an agent task in AWAITING_APPROVAL, which moves it to EXECUTING.</summary>
    /// <param name="task">The task as the approver saw it: the call uses only its id and its etag.</param>
    /// <param name="comment">The approver's words. Null: none.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the approval.</returns>
    /// <exception cref="TaskGrpcException">
    /// ETAG_MISMATCH if the task has changed since; NO_APPROVAL_PENDING, APPROVER_NOT_ALLOWED, RESOURCE_NOT_FOUND, INVALID_FIELD
    /// without an etag.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public virtual Task<AgentTask> ApproveAsync(
        AgentTask task, string? comment = null, string? requestId = null, CancellationToken cancellationToken = default) =>
        AgentTasks.ApproveAgentTaskAsync(
            new() { Id = Given(task).Id, Etag = task.Etag, Comment = comment ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Rejects an agent task in AWAITING_APPROVAL.</summary>
    /// <param name="task">The task as the person who rejects saw it: the call uses only its id and its etag.</param>
    /// <param name="comment">The reason for the rejection. Null: none.</param>
    /// <param name="to">QUEUED, PLANNING or CANCELED. Unspecified: PLANNING, for a DETERMINISTIC task QUEUED.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the rejection.</returns>
    /// <exception cref="TaskGrpcException">
    /// As <see cref="ApproveAsync"/>; INVALID_TRANSITION if the task cannot move to <paramref name="to"/>.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public virtual Task<AgentTask> RejectAsync(
        AgentTask task, string? comment = null, AgentTaskStatus to = AgentTaskStatus.Unspecified, string? requestId = null,
        CancellationToken cancellationToken = default) =>
        AgentTasks.RejectAgentTaskAsync(
            new() { Id = Given(task).Id, Etag = task.Etag, Comment = comment ?? "", To = to, RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    private static TransitionAgentTaskRequest WithError(TransitionAgentTaskRequest request, string? error)
    {
        if (error is not null)
        {
            request.Error = error;
        }

        return request;
    }
}
