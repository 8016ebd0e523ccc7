using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Calls on monitor tasks. For request fields that have no parameter here, call <see cref="MonitorTasks"/>.</content>
public partial class TaskGrpcClient
{
    /// <summary>Creates a monitor task in ACTIVE.</summary>
    /// <param name="task">The task. The server ignores its output-only fields.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="validateOnly">True for a dry run: the server stores nothing, and the answer has the status PREVIEW.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// The task as stored. With <paramref name="validateOnly"/>: the task as it would be stored, without id, etag and times.
    /// </returns>
    /// <exception cref="TaskGrpcException">INVALID_FIELD with every violation; REQUEST_ID_REUSED.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public virtual Task<MonitorTask> CreateAsync(
        MonitorTask task, string? requestId = null, bool validateOnly = false, CancellationToken cancellationToken = default) =>
        MonitorTasks.CreateMonitorTaskAsync(
            new() { MonitorTask = Given(task), RequestId = requestId ?? "", ValidateOnly = validateOnly },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Reads one monitor task, a deleted one too.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task.</returns>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="taskId"/> is null.</exception>
    public virtual Task<MonitorTask> GetMonitorTaskAsync(string taskId, CancellationToken cancellationToken = default) =>
        MonitorTasks.GetMonitorTaskAsync(new() { TaskId = Given(taskId) }, cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Reads up to 1,000 monitor tasks as of one moment, deleted ones too.</summary>
    /// <param name="taskIds">The tasks' ids.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The tasks in the order of the ids.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, which names the first missing task; INVALID_FIELD, also for an answer above 4 MiB.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="taskIds"/> is null.</exception>
    public virtual async Task<IReadOnlyList<MonitorTask>> BatchGetMonitorTasksAsync(
        IEnumerable<string> taskIds, CancellationToken cancellationToken = default) =>
        (await MonitorTasks.BatchGetMonitorTasksAsync(
            new() { Ids = { Given(taskIds) } }, cancellationToken: cancellationToken).ConfigureAwait(false)).MonitorTasks;

    /// <summary>Changes fields of one monitor task: the pinned versions, the delivery and the context.</summary>
    /// <param name="task">The task's id, the new values, and the etag that must be current. An empty etag: any version.</param>
    /// <param name="updateMask">
    /// The fields to change. A field that is in the mask and unset is cleared. Null: every populated field.
    /// </param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the change.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_FIELD, IMMUTABLE_FIELD, ETAG_MISMATCH, RESOURCE_NOT_FOUND, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public virtual Task<MonitorTask> UpdateAsync(
        MonitorTask task, FieldMask? updateMask = null, string? requestId = null, CancellationToken cancellationToken = default) =>
        MonitorTasks.UpdateMonitorTaskAsync(
            new() { MonitorTask = Given(task), UpdateMask = updateMask, RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>
    /// Changes the named fields of one monitor task: <c>UpdateAsync(task, "delivery")</c>. To cancel the call, pass a <see
    /// cref="FieldMask"/>.
    /// </summary>
    /// <param name="task">The task's id, the new values, and the etag that must be current. An empty etag: any version.</param>
    /// <param name="fields">
    /// The fields to change, as the proto names them. A field that is named and unset is cleared. None: every populated field.
    /// </param>
    /// <returns>The task after the change.</returns>
    /// <exception cref="TaskGrpcException">As the overload with a <see cref="FieldMask"/>.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="fields"/> is null.</exception>
    public virtual Task<MonitorTask> UpdateAsync(MonitorTask task, params IEnumerable<string> fields) =>
        UpdateAsync(task, new FieldMask { Paths = { Given(fields) } });

    /// <summary>
    /// Reads one monitor task, applies <paramref name="change"/>, and sends the fields that differ with the etag it read. After
    /// ETAG_MISMATCH it reads again and repeats, at most <see cref="TaskGrpcClientOptions.MaxUpdateAttempts"/> times in all.
    /// </summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="change">
    /// Changes the values. It is synchronous. It runs again on the newly read task after each mismatch, so it must only change the task.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the change. If nothing differs, the client sends no update and returns the task as read.</returns>
    /// <exception cref="TaskGrpcException">As UpdateAsync. ETAG_MISMATCH only after the last attempt.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="change"/> is null.</exception>
    public virtual Task<MonitorTask> UpdateMonitorTaskAsync(
        string taskId, Action<MonitorTask> change, CancellationToken cancellationToken = default) =>
        ReadModifyWrite.RunAsync(
            State,
            token => GetMonitorTaskAsync(taskId, token),
            Given(change),
            (task, mask, token) => UpdateAsync(task, mask, null, token),
            cancellationToken);

    /// <summary>
    /// Deletes one monitor task and cancels its PENDING and RETRYING deliveries. It stays for audit in DELETED, which is final.
    /// </summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The deleted task.</returns>
    /// <exception cref="TaskGrpcException">ETAG_MISMATCH, RESOURCE_NOT_FOUND, INVALID_FIELD, REQUEST_ID_REUSED.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="taskId"/> is null.</exception>
    public virtual Task<MonitorTask> DeleteMonitorTaskAsync(
        string taskId, string? etag = null, string? requestId = null, CancellationToken cancellationToken = default) =>
        MonitorTasks.DeleteMonitorTaskAsync(
            new() { TaskId = Given(taskId), Etag = etag ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Deletes one monitor task unless it has changed since it was read.</summary>
    /// <param name="task">The task as read: the call uses only its id and its etag.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The deleted task.</returns>
    /// <exception cref="TaskGrpcException">As <see cref="DeleteMonitorTaskAsync"/>.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="task"/> is null.</exception>
    public virtual Task<MonitorTask> DeleteAsync(
        MonitorTask task, string? requestId = null, CancellationToken cancellationToken = default) =>
        DeleteMonitorTaskAsync(Given(task).TaskId, task.Etag, requestId, cancellationToken);

    /// <summary>Pauses a monitor task: the server refuses its triggers and holds its deliveries back.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="reason">Why, for the log and the watchers. Null: no reason.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the move.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION, INVALID_FIELD, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="taskId"/> is null.</exception>
    public virtual Task<MonitorTask> PauseMonitorTaskAsync(
        string taskId, string? reason = null, string? etag = null, string? requestId = null,
        CancellationToken cancellationToken = default) =>
        MonitorTasks.PauseMonitorTaskAsync(
            new() { TaskId = Given(taskId), Reason = reason ?? "", Etag = etag ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Resumes a paused monitor task: its deliveries continue.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="reason">Why, for the log and the watchers. Null: no reason.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The task after the move.</returns>
    /// <exception cref="TaskGrpcException">As <see cref="PauseMonitorTaskAsync"/>.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="taskId"/> is null.</exception>
    public virtual Task<MonitorTask> ResumeMonitorTaskAsync(
        string taskId, string? reason = null, string? etag = null, string? requestId = null,
        CancellationToken cancellationToken = default) =>
        MonitorTasks.ResumeMonitorTaskAsync(
            new() { TaskId = Given(taskId), Reason = reason ?? "", Etag = etag ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>
    /// Reports that the condition of a monitor task held. The server creates the delivery of the alert in the same revision.
    /// </summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="triggerKey">Identifies this trigger of the task: a repeated key returns its delivery and creates none.</param>
    /// <param name="entityId">The entity for which the condition held. Null: none in particular.</param>
    /// <param name="context">What the receiver of the alert should know. Null: nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The delivery.</returns>
    /// <exception cref="TaskGrpcException">MONITOR_TASK_PAUSED, RESOURCE_NOT_FOUND, INVALID_FIELD.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="taskId"/> or <paramref name="triggerKey"/> is null.</exception>
    public virtual Task<Delivery> TriggerMonitorTaskAsync(
        string taskId, string triggerKey, string? entityId = null, Struct? context = null,
        CancellationToken cancellationToken = default) =>
        MonitorTasks.TriggerMonitorTaskAsync(
            WithEntity(new() { TaskId = Given(taskId), TriggerKey = Given(triggerKey), Context = context }, entityId),
            cancellationToken: cancellationToken).ResponseAsync;

    private static TriggerMonitorTaskRequest WithEntity(TriggerMonitorTaskRequest request, string? entityId)
    {
        if (entityId is not null)
        {
            request.EntityId = entityId;
        }

        return request;
    }
}
