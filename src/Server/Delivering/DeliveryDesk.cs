using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Delivering;

/// <summary>What all lanes share: the schedule, the attempts and their bound.</summary>
internal sealed class DeliveryDesk(TaskStore store, DeliveryAttempts attempts, DeliveryMetrics metrics, int concurrency, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(concurrency);
    private readonly CancellationTokenSource _abandoned = new();

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    /// <summary>What is due at an endpoint for an organization, the longest due first.</summary>
    public async Task<List<DueDelivery>> DueAsync(string organizationId, string endpoint, int limit, CancellationToken cancellationToken)
    {
        using var lease = await store.RentAsync(organizationId, cancellationToken);
        return lease.Reader.DueDeliveries.At(organizationId, endpoint, Time.GetUtcNow(), limit);
    }

    /// <summary>Makes an attempt as soon as one more may be under way; null if it was not due any more.</summary>
    public async Task<AttemptResult?> AttemptAsync(DueDelivery due)
    {
        await _slots.WaitAsync(_abandoned.Token);
        metrics.Began();
        try
        {
            return await attempts.MakeAsync(due, _abandoned.Token);
        }
        finally
        {
            metrics.Ended();
            _slots.Release();
        }
    }

    /// <summary>Ends the attempts that are under way.</summary>
    public void Abandon() => _abandoned.Cancel();

    public void Dispose()
    {
        _slots.Dispose();
        _abandoned.Dispose();
    }
}
