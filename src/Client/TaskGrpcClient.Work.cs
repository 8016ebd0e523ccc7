using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>
/// Claims and what holds them. <see cref="TaskGrpcWorker{T}"/> makes these calls for a handler. For request fields that have no parameter
/// here, call <see cref="Work"/>.
/// </content>
public partial class TaskGrpcClient
{
    /// <summary>Claims the most urgent ready resources that match, all in one revision.</summary>
    /// <param name="kind">Agent tasks, board tasks or task executions.</param>
    /// <param name="worker">The name of the process that works, for people who look for it; at most 256 characters.</param>
    /// <param name="filter">Only resources that match before the claim, in the filter language. Null or empty: all.</param>
    /// <param name="maxTasks">The most resources to claim, 1 to 100. An answer ends at 2 MiB, so it may have fewer.</param>
    /// <param name="leaseDuration">How long each lease lasts without a heartbeat, 5 s to 24 h. Null: 60 s.</param>
    /// <param name="wait">
    /// How long the server waits when nothing is ready, up to 60 s. The deadline of the call is this time and 10 s. Null: no wait.
    /// </param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns those of the leases that still stand. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancels the call. A claim that was made just before is then known only to a repetition with the same request id; otherwise its
    /// leases expire.
    /// </param>
    /// <returns>The leases, the most urgent first; empty if nothing was ready.</returns>
    /// <exception cref="TaskGrpcException">INVALID_FIELD, INVALID_FILTER, REQUEST_ID_REUSED, WATCH_LIMIT with a wait.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="worker"/> is null.</exception>
    public virtual async Task<IReadOnlyList<Lease>> ClaimNextAsync(
        ResourceKind kind, string worker, string? filter = null, int maxTasks = 1, TimeSpan? leaseDuration = null, TimeSpan? wait = null,
        string? requestId = null, CancellationToken cancellationToken = default) =>
        (await Work.ClaimNextAsync(
            new()
            {
                Kind = kind,
                Worker = Given(worker),
                Filter = filter ?? "",
                MaxTasks = maxTasks,
                LeaseDuration = leaseDuration is { } duration ? Duration.FromTimeSpan(duration) : null,
                Wait = wait is { } time ? Duration.FromTimeSpan(time) : null,
                RequestId = requestId ?? "",
            },
            cancellationToken: cancellationToken).ConfigureAwait(false)).Leases;

    /// <summary>Extends a lease from now on, and asks whether to go on. Repeating it is harmless.</summary>
    /// <param name="kind">The kind of the resource.</param>
    /// <param name="id">The resource's id.</param>
    /// <param name="leaseToken">The token of the lease.</param>
    /// <param name="leaseDuration">How long the lease lasts without another heartbeat. Null: as long as the claim said.</param>
    /// <param name="progress">How far the work has come; agent tasks only. Null: as before.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How long the lease lasts, and whether somebody asks the holder to stop.</returns>
    /// <exception cref="TaskGrpcException">LEASE_LOST, RESOURCE_NOT_FOUND, INVALID_FIELD. The library never retries them.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> or <paramref name="leaseToken"/> is null.</exception>
    public virtual Task<HeartbeatResponse> HeartbeatAsync(
        ResourceKind kind, string id, string leaseToken, TimeSpan? leaseDuration = null, Progress? progress = null,
        CancellationToken cancellationToken = default) =>
        Work.HeartbeatAsync(
            new()
            {
                Kind = kind,
                Id = Given(id),
                LeaseToken = Given(leaseToken),
                LeaseDuration = leaseDuration is { } duration ? Duration.FromTimeSpan(duration) : null,
                Progress = progress,
            },
            cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>
    /// Gives work back, so that it is ready for another claim. If its cancel was requested, it becomes CANCELED instead; a board task goes
    /// back without the request.
    /// </summary>
    /// <param name="kind">The kind of the resource.</param>
    /// <param name="id">The resource's id.</param>
    /// <param name="leaseToken">The token of the lease.</param>
    /// <param name="reason">Why, for the log and the watchers. Null: no reason.</param>
    /// <param name="notBefore">When the work is ready again; agent tasks and board tasks only. Null: at once.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The resource after the release.</returns>
    /// <exception cref="TaskGrpcException">LEASE_LOST, RESOURCE_NOT_FOUND, INVALID_FIELD, REQUEST_ID_REUSED.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> or <paramref name="leaseToken"/> is null.</exception>
    public virtual async Task<IClaimable> ReleaseAsync(
        ResourceKind kind, string id, string leaseToken, string? reason = null, DateTimeOffset? notBefore = null,
        string? requestId = null, CancellationToken cancellationToken = default) =>
        (await Work.ReleaseAsync(
            new()
            {
                Kind = kind,
                Id = Given(id),
                LeaseToken = Given(leaseToken),
                Reason = reason ?? "",
                NotBefore = notBefore?.ToTimestamp(),
                RequestId = requestId ?? "",
            },
            cancellationToken: cancellationToken).ConfigureAwait(false)).Resource!;

    /// <summary>
    /// Asks the holder of a resource to stop; it hears that with its next heartbeat, and may still complete. Without a lease the resource
    /// becomes CANCELED at once.
    /// </summary>
    /// <param name="kind">The kind of the resource.</param>
    /// <param name="id">The resource's id.</param>
    /// <param name="reason">Why, for the holder and the log. Null: no reason.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The resource after the request.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_TRANSITION without a lease, for a board task or a resource that cannot become CANCELED; RESOURCE_NOT_FOUND, ETAG_MISMATCH,
    /// INVALID_FIELD, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual async Task<IClaimable> RequestCancelAsync(
        ResourceKind kind, string id, string? reason = null, string? etag = null, string? requestId = null,
        CancellationToken cancellationToken = default) =>
        (await Work.RequestCancelAsync(
            new() { Kind = kind, Id = Given(id), Reason = reason ?? "", Etag = etag ?? "", RequestId = requestId ?? "" },
            cancellationToken: cancellationToken).ConfigureAwait(false)).Resource!;
}
