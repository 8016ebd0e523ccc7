using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>What the handler of an agent task can do with its work.</summary>
public static class AgentTaskWork
{
    private const int LongestNote = 1000;

    /// <summary>
    /// Reports how far the work has come. The newest report is sent with the next heartbeat, about a second later at the latest, and the
    /// log has at most one change of progress in 15 s. The call does not wait for the server.
    /// </summary>
    /// <param name="work">The work.</param>
    /// <param name="percent">How much is done, 0 to 100. Null: not known.</param>
    /// <param name="note">What the work does now, at most 1,000 characters. Null: nothing to say.</param>
    /// <returns>A completed task.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="percent"/> is not between 0 and 100.</exception>
    /// <exception cref="ArgumentException"><paramref name="note"/> is too long.</exception>
    public static Task ReportAsync(this TaskGrpcWork<AgentTask> work, int? percent, string? note = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (percent is < 0 or > 100)
        {
            throw new ArgumentOutOfRangeException(nameof(percent), percent, "Report a percentage from 0 to 100, or null.");
        }

        if (note is { Length: > LongestNote } && note.EnumerateRunes().Count() > LongestNote)
        {
            throw new ArgumentException($"The note has more than {LongestNote} characters. Shorten it.", nameof(note));
        }

        var progress = new Progress { Note = note ?? "" };
        if (percent is { } known)
        {
            progress.Percent = known;
        }

        work.Reports.Add(progress);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Moves a task from PLANNING to EXECUTING; the lease goes on. A worker does that itself when the handler returns. Does nothing if the
    /// task is EXECUTING.
    /// </summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Cancels the call, which otherwise goes on until the server answers.</param>
    /// <returns>The task, which is EXECUTING.</returns>
    /// <exception cref="TaskGrpcException">
    /// APPROVAL_REQUIRED: call <see cref="RequestApprovalAsync"/> instead. LEASE_LOST, RESOURCE_NOT_FOUND.
    /// </exception>
    public static Task<AgentTask> StartExecutingAsync(
        this TaskGrpcWork<AgentTask> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return work.Resource.Status == AgentTaskStatus.Executing
            ? Task.FromResult(work.Resource)
            : work.MoveAsync(AgentTaskWorkKind.Transition(work, AgentTaskStatus.Executing), cancellationToken);
    }

    /// <summary>
    /// Moves a task to AWAITING_APPROVAL and ends the lease; afterwards the handler returns, and what it returns is not stored. After an
    /// approval a worker claims the task in EXECUTING, after a rejection in PLANNING: the handler sees which in
    /// <see cref="TaskGrpcWork{T}.Resource"/>, with the decision in `approval`.
    /// </summary>
    /// <param name="work">The work.</param>
    /// <param name="reason">What the approver should know, for the log and the watchers. Null: no reason.</param>
    /// <param name="cancellationToken">Cancels the call, which otherwise goes on until the server answers.</param>
    /// <returns>The task, with the etag that an approval needs.</returns>
    /// <exception cref="TaskGrpcException">INVALID_TRANSITION, LEASE_LOST, RESOURCE_NOT_FOUND.</exception>
    /// <exception cref="InvalidOperationException">The handler has ended the lease before.</exception>
    public static Task<AgentTask> RequestApprovalAsync(
        this TaskGrpcWork<AgentTask> work, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return work.EndAsync(AgentTaskWorkKind.Transition(work, AgentTaskStatus.AwaitingApproval, reason), cancellationToken);
    }
}
