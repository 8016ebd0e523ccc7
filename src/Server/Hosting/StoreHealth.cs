using Microsoft.Extensions.Diagnostics.HealthChecks;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>Ready means that a commit would be taken and a read answered.</summary>
internal sealed class StoreHealth(CommitLane lane, TaskStore store, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!lane.IsSound)
        {
            return HealthCheckResult.Unhealthy("The store failed.");
        }

        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("The server is shutting down.");
        }

        using var lease = await store.RentAsync("", cancellationToken);
        lease.Reader.Head();
        return HealthCheckResult.Healthy();
    }
}
