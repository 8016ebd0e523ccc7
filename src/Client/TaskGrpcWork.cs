using System.Diagnostics.CodeAnalysis;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// One piece of work that a worker has claimed, as its handler sees it. <see cref="AgentTaskWork"/> has what only agent tasks can do.
/// Thread-safe.
/// </summary>
/// <typeparam name="T"><see cref="AgentTask"/>, <see cref="BoardTask"/> or <see cref="TaskExecution"/>.</typeparam>
[SuppressMessage("Design", "CA1001", Justification = "The token source has no timer, and a handler may use its token after the work.")]
public sealed class TaskGrpcWork<T>
    where T : class, IClaimable
{
    private static readonly TimeSpan ReportTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancellation = new();
    private T _resource;
    private bool _isEnding;
    private bool _isEnded;
    private bool _isLost;
    private bool _isCancelRequested;
    private string? _cancelReason;

    /// <summary>Makes a piece of work, for a test of a handler.</summary>
    /// <param name="client">Carries the calls of the work.</param>
    /// <param name="lease">The lease, with its resource.</param>
    /// <param name="shutdownToken">Cancelled when the worker begins to stop.</param>
    /// <exception cref="ArgumentNullException"><paramref name="client"/> or <paramref name="lease"/> is null.</exception>
    /// <exception cref="ArgumentException">The lease has no resource of this kind.</exception>
    public TaskGrpcWork(TaskGrpcClient client, Lease lease, CancellationToken shutdownToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(lease);
        (Client, Lease, ShutdownToken) = (client, lease, shutdownToken);
        _resource = lease.Resource as T
            ?? throw new ArgumentException($"The lease has no {typeof(T).Name}. Set the lease's resource.", nameof(lease));
    }

    /// <summary>The client of the worker, for calls of the handler's own.</summary>
    public TaskGrpcClient Client { get; }

    /// <summary>The lease as claimed. Its `remaining` was told at the claim.</summary>
    public Lease Lease { get; }

    /// <summary>The resource as the claim, or the latest call of this object, left it.</summary>
    public T Resource => Read(ref _resource);

    /// <summary>The token that calls about the resource send while the lease stands. Keep it secret.</summary>
    public string LeaseToken => Lease.LeaseToken;

    /// <summary>
    /// The revision of the claim. It rises with every claim: send it to systems outside, so that they can refuse a worker that has lost
    /// its lease.
    /// </summary>
    public long LeaseRevision => Lease.LeaseRevision;

    /// <summary>How often the resource has been claimed since it was created or retried, this claim included.</summary>
    public int ClaimCount => Lease.ClaimCount;

    /// <summary>
    /// Whether the lease is lost: another worker may have the resource. The handler's token is cancelled, and the worker writes nothing of
    /// this work any more.
    /// </summary>
    public bool IsLost => Read(ref _isLost);

    /// <summary>
    /// Whether somebody has requested the cancel of the work. The handler's token is cancelled. If the handler then throws an
    /// <see cref="OperationCanceledException"/>, the worker cancels the resource; if it returns, the work is complete.
    /// </summary>
    public bool IsCancelRequested => Read(ref _isCancelRequested);

    /// <summary>Why the cancel was requested; null if it was not, or without a reason.</summary>
    public string? CancelReason => Read(ref _cancelReason);

    /// <summary>Whether the handler has ended the lease itself, for example with <see cref="ReleaseAsync"/>.</summary>
    public bool IsEnded => Read(ref _isEnded);

    /// <summary>
    /// Cancelled when the worker begins to stop, and before it cancels the handler's token: a long handler can save what it has and
    /// release its work.
    /// </summary>
    public CancellationToken ShutdownToken { get; }

    /// <summary>The token that the handler gets.</summary>
    internal CancellationToken Cancellation => _cancellation.Token;

    /// <summary>What the next heartbeat tells; null if the server knows all.</summary>
    internal Reports Reports { get; } = new();

    /// <summary>
    /// Gives the work back and ends the lease; afterwards the handler returns, and what it returns is not stored. If the cancel was
    /// requested, the resource becomes CANCELED instead, and a board task goes back.
    /// </summary>
    /// <param name="reason">Why, for the log and the watchers. Null: no reason.</param>
    /// <param name="notBefore">When the work is ready again; agent tasks and board tasks only. Null: at once.</param>
    /// <param name="cancellationToken">Cancels the call, which otherwise goes on until the server answers.</param>
    /// <returns>The resource after the release.</returns>
    /// <exception cref="TaskGrpcException">LEASE_LOST, RESOURCE_NOT_FOUND, INVALID_FIELD.</exception>
    /// <exception cref="InvalidOperationException">The handler has ended the lease before.</exception>
    public Task<T> ReleaseAsync(string? reason = null, DateTimeOffset? notBefore = null, CancellationToken cancellationToken = default) =>
        EndAsync(WorkKind<T>.Instance.ReleaseAsync(this, reason, notBefore), cancellationToken);

    /// <summary>Makes a call that keeps the lease, as often as its answer is lost.</summary>
    internal async Task<T> MoveAsync(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            var resource = await Persistent.CallAsync(Client.State, call, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                return _resource = resource;
            }
        }
        catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.LeaseLost)
        {
            Lose();
            throw;
        }
    }

    /// <summary>Makes a call that ends the lease, as often as its answer is lost. Meanwhile heartbeats may be refused.</summary>
    internal async Task<T> EndAsync(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isEnded || _isEnding)
            {
                throw new InvalidOperationException(
                    $"The handler has ended the lease of {typeof(T).Name} '{_resource.Id}' already. Return after the first such call.");
            }

            _isEnding = true;
        }

        var (isEnded, isLost) = (false, false);
        try
        {
            await TellAsync(cancellationToken).ConfigureAwait(false);
            var resource = await Persistent.CallAsync(Client.State, call, cancellationToken).ConfigureAwait(false);
            isEnded = true;
            lock (_gate)
            {
                return _resource = resource;
            }
        }
        catch (TaskGrpcException refusal) when (refusal.Reason is ErrorReason.LeaseLost or ErrorReason.ResourceNotFound)
        {
            isLost = true;
            throw;
        }
        finally
        {
            lock (_gate)
            {
                (_isEnding, _isEnded) = (false, isEnded);
            }

            if (isLost)
            {
                Lose();
            }
        }
    }

    /// <summary>The lease is lost; false if the loss does not count, because a call is ending or has ended the lease.</summary>
    internal bool Lose()
    {
        lock (_gate)
        {
            if (_isEnding || _isEnded)
            {
                return false;
            }

            _isLost = true;
        }

        Cancel();
        return true;
    }

    /// <summary>Somebody has requested the cancel.</summary>
    internal void RequestCancel(string reason)
    {
        lock (_gate)
        {
            if (_isCancelRequested)
            {
                return;
            }

            (_isCancelRequested, _cancelReason) = (true, reason.Length > 0 ? reason : null);
        }

        Cancel();
    }

    /// <summary>Cancels the handler's token. What the handler registered with it runs elsewhere, and its exceptions stay there.</summary>
    internal void Cancel() => _cancellation.CancelAsync().Observed();

    /// <summary>Tells the last report before the lease ends; the server then stores it with the change that ends the lease.</summary>
    private async Task TellAsync(CancellationToken cancellationToken)
    {
        if (Reports.Newest is not { } progress)
        {
            return;
        }

        var request = new HeartbeatRequest
        {
            Kind = WorkKind<T>.Instance.Kind,
            Id = Resource.Id,
            LeaseToken = LeaseToken,
            Progress = progress,
        };
        var deadline = Client.State.Options.TimeProvider.GetUtcNow().UtcDateTime + ReportTimeout;
        try
        {
            await Client.Work.HeartbeatAsync(request, deadline: deadline, cancellationToken: cancellationToken).ConfigureAwait(false);
            Reports.Remove(progress);
        }
        catch (TaskGrpcException)
        {
            // The end of the work matters more than its last report, and finds out by itself if the lease is lost.
        }
    }

    private TValue Read<TValue>(ref TValue field)
    {
        lock (_gate)
        {
            return field;
        }
    }
}
