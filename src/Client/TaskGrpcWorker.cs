using System.ComponentModel.DataAnnotations;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// Claims ready work, runs a handler for each piece, and ends the work with what the handler returns or throws. Meanwhile it keeps the
/// lease.
/// </summary>
/// <remarks>
/// <para>A handler that returns completes the work: an agent task becomes COMPLETED with the result, a board task DONE, a task execution
/// COMPLETED with the result as its output. A handler that throws fails it with the exception's message: an agent task and a task
/// execution become FAILED, a board task goes back for <see cref="TaskGrpcWorkerOptions.RetryDelay"/>.</para>
/// <para>The worker survives restarts of the server. It never runs two handlers of the same resource at the same time, not even after a
/// lost lease. Each piece of work is one activity of <see cref="TaskGrpcTelemetry.ActivitySourceName"/>, linked to the call that created
/// the resource.</para>
/// </remarks>
/// <typeparam name="T"><see cref="AgentTask"/>, <see cref="BoardTask"/> or <see cref="TaskExecution"/>.</typeparam>
public sealed class TaskGrpcWorker<T>
    where T : class, IClaimable
{
    private readonly TaskGrpcClient _client;
    private readonly TaskGrpcWorkerOptions _options;
    private readonly Func<TaskGrpcWork<T>, CancellationToken, Task<Value?>> _handler;
    private int _isRunning;

    /// <summary>Makes a worker whose handler returns a result.</summary>
    /// <param name="client">Carries the calls. The worker does not dispose it.</param>
    /// <param name="options">What to claim, and how much at once. They are copied.</param>
    /// <param name="handler">
    /// Does one piece of work; it runs on the thread pool. Its token is cancelled when somebody requests the cancel of the work, when the
    /// lease is lost, and when the worker that stops can wait no longer.
    /// </param>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    /// <exception cref="ValidationException">An option is out of range; the message names each.</exception>
    /// <exception cref="NotSupportedException">Nobody can claim resources of this type.</exception>
    public TaskGrpcWorker(
        TaskGrpcClient client, TaskGrpcWorkerOptions options, Func<TaskGrpcWork<T>, CancellationToken, Task<Value?>> handler)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        _ = WorkKind<T>.Instance;
        var own = options.Copy();
        OptionsRules.Check(new TaskGrpcWorkerOptionsValidator(), own);
        (_client, _options, _handler) = (client, own, handler);
    }

    /// <summary>Makes a worker whose handler returns no result.</summary>
    /// <param name="client">Carries the calls. The worker does not dispose it.</param>
    /// <param name="options">What to claim, and how much at once. They are copied.</param>
    /// <param name="handler">Does one piece of work, as with the other constructor.</param>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    /// <exception cref="ValidationException">An option is out of range; the message names each.</exception>
    /// <exception cref="NotSupportedException">Nobody can claim resources of this type.</exception>
    public TaskGrpcWorker(TaskGrpcClient client, TaskGrpcWorkerOptions options, Func<TaskGrpcWork<T>, CancellationToken, Task> handler)
        : this(client, options, WithoutResult(handler))
    {
    }

    /// <summary>
    /// Works until the token is cancelled. Then the worker claims nothing more, waits for its handlers up to
    /// <see cref="TaskGrpcWorkerOptions.ShutdownTimeout"/>, cancels the rest, and gives their work back.
    /// </summary>
    /// <param name="cancellationToken">Stops the worker.</param>
    /// <returns>Ends without an exception after the token was cancelled.</returns>
    /// <exception cref="TaskGrpcException">
    /// The server refuses the claims: INVALID_FILTER, INVALID_FIELD, SCOPE_MISSING, TOKEN_INVALID. The worker has stopped as by its token.
    /// It outlasts other failures, and logs one warning for each outage.
    /// </exception>
    /// <exception cref="OperationCanceledException">The client was disposed while the worker ran.</exception>
    /// <exception cref="InvalidOperationException">The worker runs already.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isRunning, 1) == 1)
        {
            throw new InvalidOperationException("The worker runs already. Make another one, or raise its Concurrency.");
        }

        try
        {
            var log = _client.State.Options.LoggerFactory ?? NullLoggerFactory.Instance;
            using var session = new WorkerSession<T>(_client, _options, _handler, log.CreateLogger("TaskGrpc.Client.TaskGrpcWorker"));
            await session.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }

    internal static Func<TaskGrpcWork<T>, CancellationToken, Task<Value?>> WithoutResult(
        Func<TaskGrpcWork<T>, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return async (work, cancellationToken) =>
        {
            await handler(work, cancellationToken).ConfigureAwait(false);
            return null;
        };
    }
}
