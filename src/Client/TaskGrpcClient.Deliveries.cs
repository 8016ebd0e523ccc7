using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Calls on deliveries.</content>
public partial class TaskGrpcClient
{
    /// <summary>Reads one delivery.</summary>
    /// <param name="id">The delivery's id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The delivery.</returns>
    /// <exception cref="TaskGrpcException">RESOURCE_NOT_FOUND, INVALID_FIELD.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<Delivery> GetDeliveryAsync(string id, CancellationToken cancellationToken = default) =>
        Deliveries.GetDeliveryAsync(new() { Id = Given(id) }, cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Reads up to 1,000 deliveries as of one moment.</summary>
    /// <param name="ids">The deliveries' ids.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The deliveries in the order of the ids.</returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND, which names the first missing delivery; INVALID_FIELD, also for an answer above 4 MiB.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="ids"/> is null.</exception>
    public virtual async Task<IReadOnlyList<Delivery>> BatchGetDeliveriesAsync(
        IEnumerable<string> ids, CancellationToken cancellationToken = default) =>
        (await Deliveries.BatchGetDeliveriesAsync(
            new() { Ids = { Given(ids) } }, cancellationToken: cancellationToken).ConfigureAwait(false)).Deliveries;

    /// <summary>Sends a delivery again that is DELIVERED, DEAD or CANCELED: it becomes PENDING, and its schedule starts anew.</summary>
    /// <param name="id">The delivery's id.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The delivery after the move.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_TRANSITION, MONITOR_TASK_PAUSED, ETAG_MISMATCH, INVALID_FIELD, REQUEST_ID_REUSED; RESOURCE_NOT_FOUND, also if its
    /// monitor task was deleted.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<Delivery> RedeliverDeliveryAsync(
        string id, string? etag = null, string? requestId = null, CancellationToken cancellationToken = default) =>
        Deliveries.RedeliverDeliveryAsync(
            new() { Id = Given(id), Etag = etag ?? "", RequestId = requestId ?? "" }, cancellationToken: cancellationToken).ResponseAsync;

    /// <summary>Cancels a delivery that is PENDING or RETRYING.</summary>
    /// <param name="id">The delivery's id.</param>
    /// <param name="etag">The version that must be current. Null: any version.</param>
    /// <param name="requestId">
    /// A UUID of your own: a repetition within 24 hours returns the first answer and changes nothing. Null: the library makes a UUID.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The delivery after the move.</returns>
    /// <exception cref="TaskGrpcException">
    /// INVALID_TRANSITION, also in DELIVERING; RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_FIELD, REQUEST_ID_REUSED.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual Task<Delivery> CancelDeliveryAsync(
        string id, string? etag = null, string? requestId = null, CancellationToken cancellationToken = default) =>
        Deliveries.CancelDeliveryAsync(
            new() { Id = Given(id), Etag = etag ?? "", RequestId = requestId ?? "" }, cancellationToken: cancellationToken).ResponseAsync;
}
