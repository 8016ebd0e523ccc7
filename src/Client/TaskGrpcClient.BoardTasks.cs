using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Calls on board tasks. For request fields that have no parameter here, call <see cref="BoardTasks"/>.</content>
public partial class TaskGrpcClient
{
    /// <summary>Creates a board task in BACKLOG.</summary>
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
    public virtual Task<BoardTask> CreateAsync(
        BoardTask task, string? requestId = null, bool validateOnly = false, CancellationToken cancellationToken = default) =>
        BoardTasks.CreateBoardTaskAsync(
            new() { BoardTask = Given(task), RequestId = requestId ?? "", ValidateOnly = validateOnly },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Creates up to 1,000 board tasks in one revision, all or none.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="validateOnly">True to run every check and store nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The tasks as stored, in the same order.</returns>
    /// <exception cref="TaskGrpcException">
    /// As <see cref="CreateAsync(BoardTask, string?, bool, CancellationToken)"/>, with paths like <c>board_tasks[3].title</c>.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="tasks"/> is null.</exception>
    public virtual async Task<IReadOnlyList<BoardTask>> BatchCreateAsync(
        IEnumerable<BoardTask> tasks, string? requestId = null, bool validateOnly = false,
        CancellationToken cancellationToken = default) =>
        (await BoardTasks.BatchCreateBoardTasksAsync(
            new() { BoardTasks = { Given(tasks) }, RequestId = requestId ?? "", ValidateOnly = validateOnly },
            cancellationToken: cancellationToken).ConfigureAwait(false)).BoardTasks;

    /// <summary>Reads one board task, a deleted one too.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task.</returns>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<BoardTask> GetBoardTaskAsync(string id, CancellationToken cancellationToken = default) =>
        BoardTasks.GetBoardTaskAsync(new() { Id = Given(id) }, cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Reads up to 1,000 board tasks as of one moment, deleted ones too.</summary>
    /// <param name="ids">The tasks' ids.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The tasks in the order of the ids.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, which names the first missing task; INVALID_FIELD, also for an answer above 4 MiB.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="ids"/> is null.</exception>
    public virtual async Task<IReadOnlyList<BoardTask>> BatchGetBoardTasksAsync(
        IEnumerable<string> ids, CancellationToken cancellationToken = default) =>
        (await BoardTasks.BatchGetBoardTasksAsync(
            new() { Ids = { Given(ids) } }, cancellationToken: cancellationToken).ConfigureAwait(false)).BoardTasks;

    /// <summary>Changes fields of one board task.</summary>
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
    /// INVALID_FIELD, IMMUTABLE_FIELD, ASSIGNEE_REQUIRED, ETAG_MISMATCH, RESOURCE_NOT_FOUND, LEASE_LOST, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public virtual Task<BoardTask> UpdateAsync(
        BoardTask task, FieldMask? updateMask = null, string? requestId = null, string? leaseToken = null,
        CancellationToken cancellationToken = default) =>
        BoardTasks.UpdateBoardTaskAsync(
            new() { BoardTask = Given(task), UpdateMask = updateMask, RequestId = requestId ?? "", LeaseToken = leaseToken ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>
    /// Changes the named fields of one board task: <c>UpdateAsync(task, "title", "priority")</c>. To cancel the call, pass a <see
    /// cref="FieldMask"/>.
    /// </summary>
    /// <param name="task">The task's id, the new values, and the etag that must be current. An empty etag: any version.</param>
    /// <param name="fields">
    /// The fields to change, as the proto names them. A field that is named and unset is cleared. None: every populated field.
    /// </param>
    /// <returns>The task after the change.</returns>
    /// <exception cref="TaskGrpcException">As the overload with a <see cref="FieldMask"/>.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="fields"/> is null.</exception>
    public virtual Task<BoardTask> UpdateAsync(BoardTask task, params IEnumerable<string> fields) =>
        UpdateAsync(task, new FieldMask { Paths = { Given(fields) } });

    /// <summary>
    /// Reads one board task, applies <paramref name="change"/>, and sends the fields that differ with the etag it read. After
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
    public virtual Task<BoardTask> UpdateBoardTaskAsync(
        string id, Action<BoardTask> change, CancellationToken cancellationToken = default) =>
        ReadModifyWrite.RunAsync(
            State,
            token => GetBoardTaskAsync(id, token),
            Given(change),
            (task, mask, token) => UpdateAsync(task, mask, cancellationToken: token),
            cancellationToken);

    /// <summary>Deletes one board task with all its edges. It stays for audit and cannot be restored.</summary>
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
    /// <exception cref="TaskGrpcException">
    /// ETAG_MISMATCH, LEASE_LOST, RESOURCE_NOT_FOUND, SUBTASK_LIMIT, INVALID_FIELD, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<BoardTask> DeleteBoardTaskAsync(
        string id, string? etag = null, string? requestId = null, string? leaseToken = null,
        CancellationToken cancellationToken = default) =>
        BoardTasks.DeleteBoardTaskAsync(
            new() { Id = Given(id), Etag = etag ?? "", RequestId = requestId ?? "", LeaseToken = leaseToken ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Deletes one board task unless it has changed since it was read.</summary>
    /// <param name="task">The task as read: the call uses only its id and its etag.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="leaseToken">
    /// The token of the lease under which the caller holds the task; another one is LEASE_LOST. Null: none.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The deleted task.</returns>
    /// <exception cref="TaskGrpcException">As <see cref="DeleteBoardTaskAsync"/>.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public virtual Task<BoardTask> DeleteAsync(
        BoardTask task, string? requestId = null, string? leaseToken = null, CancellationToken cancellationToken = default) =>
        DeleteBoardTaskAsync(Given(task).Id, task.Etag, requestId, leaseToken, cancellationToken);

    /// <summary>Moves a board task to another status.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="status">The new status.</param>
    /// <param name="reason">Why, for the log and the watchers. Null: no reason.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="leaseToken">
    /// The token of the lease under which the caller holds the task; another one is LEASE_LOST. Null: none. While somebody else holds the
    /// task, a transition by an agent or a service without it is LEASE_REQUIRED.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the move.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_TRANSITION with <see cref="TaskGrpcException.AllowedStatuses"/>; ASSIGNEE_REQUIRED, INVALID_FIELD,
    /// RESOURCE_NOT_FOUND, ETAG_MISMATCH, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<BoardTask> TransitionAsync(
        string id, BoardTaskStatus status, string? reason = null, string? etag = null, string? requestId = null,
        string? leaseToken = null, CancellationToken cancellationToken = default) =>
        BoardTasks.TransitionBoardTaskAsync(
            new()
            {
                Id = Given(id),
                Status = status,
                Reason = reason ?? "",
                Etag = etag ?? "",
                RequestId = requestId ?? "",
                LeaseToken = leaseToken ?? "",
            },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Makes one board task a subtask of another.</summary>
    /// <param name="parentId">The parent's id.</param>
    /// <param name="childId">The subtask's id.</param>
    /// <param name="etag">The version of the parent that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The parent after the change.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, ETAG_MISMATCH, SUBTASK_EXISTS, SUBTASK_LIMIT, SUBTASK_CYCLE, INVALID_FIELD, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="parentId"/> or <paramref name="childId"/> is null.</exception>
    public virtual Task<BoardTask> AddSubtaskAsync(
        string parentId, string childId, string? etag = null, string? requestId = null, CancellationToken cancellationToken = default) =>
        BoardTasks.AddSubtaskAsync(
            new() { ParentId = Given(parentId), ChildId = Given(childId), Etag = etag ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Removes the edge from a parent to its subtask. Both tasks stay.</summary>
    /// <param name="parentId">The parent's id.</param>
    /// <param name="childId">The subtask's id.</param>
    /// <param name="etag">The version of the parent that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The parent after the change.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, also if the edge does not exist; ETAG_MISMATCH, INVALID_FIELD, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="parentId"/> or <paramref name="childId"/> is null.</exception>
    public virtual Task<BoardTask> RemoveSubtaskAsync(
        string parentId, string childId, string? etag = null, string? requestId = null, CancellationToken cancellationToken = default) =>
        BoardTasks.RemoveSubtaskAsync(
            new() { ParentId = Given(parentId), ChildId = Given(childId), Etag = etag ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;
}
