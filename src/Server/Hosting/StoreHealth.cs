using System.Data.Common;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>Ready means that a commit would be taken and a read answered.</summary>
internal sealed class StoreHealth(CommitLanes lanes, TaskStore store, IHostApplicationLifetime lifetime, ILogger<StoreHealth> logger) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!lanes.IsSound)
        {
            return HealthCheckResult.Unhealthy("The store failed.");
        }

        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("The server is shutting down.");
        }

        try
        {
            using var lease = await store.RentAsync("", cancellationToken);
            lease.Reader.Head();
            return HealthCheckResult.Healthy();
        }
        catch (DbException exception)
        {
            logger.StoreFailed(exception, "the health check");
            return HealthCheckResult.Unhealthy("The store did not answer.");
        }
    }
}
