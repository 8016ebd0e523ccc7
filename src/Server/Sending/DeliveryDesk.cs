using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Sending;

/// <summary>What all endpoint lanes share: the schedule, the attempts and their bounds.</summary>
internal sealed class DeliveryDesk(TaskStore store, DeliveryAttempts attempts, DeliveryMetrics metrics, StoreOutages outages,
    DeliveryOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly AttemptSlots _slots = new(options.Concurrency, options.OrganizationConcurrency);
    private readonly CancellationTokenSource _abandoned = new();

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    public StoreOutages Outages { get; } = outages;

    /// <summary>What is due at an endpoint for an organization, oldest first.</summary>
    public async Task<List<DueResource>> DueAsync(string organizationId, string endpoint, int limit, CancellationToken cancellationToken)
    {
        using var rented = await store.RentAsync(organizationId, cancellationToken);
        return rented.Reader.Statements<ScheduleStatements>()
            .At(SchedulePurpose.Delivery, organizationId, endpoint, Time.GetUtcNow(), limit, store.Replica);
    }

    /// <summary>Makes an attempt as soon as a slot is free; null if it is no longer due.</summary>
    /// <param name="due">The delivery.</param>
    /// <param name="endpoint">Its endpoint.</param>
    /// <param name="stopping">Starts no more attempts; a running one continues until <see cref="Abandon"/>.</param>
    public async Task<AttemptResult?> AttemptAsync(DueResource due, string endpoint, CancellationToken stopping)
    {
        // A delivery without a network target needs no slot.
        using var slot = endpoint == DeliveryPlace.Ledger ? null : await _slots.TakeAsync(due.OrganizationId, stopping);
        stopping.ThrowIfCancellationRequested();
        metrics.Began();
        try
        {
            return await attempts.MakeAsync(due, _abandoned.Token);
        }
        finally
        {
            metrics.Ended();
        }
    }

    /// <summary>Ends the running attempts.</summary>
    public void Abandon() => _abandoned.Cancel();

    public void Dispose()
    {
        _slots.Dispose();
        _abandoned.Dispose();
    }
}
