using System.Data.Common;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Hosting;

/// <summary>Ready means that commits, reads and the keys work.</summary>
internal sealed class StoreHealth(
    CommitLanes lanes, TaskStore store, HeadPoll poll, IHostApplicationLifetime lifetime, WarmUp warmUp, StoreOutages outages,
        ILogger<StoreHealth> logger)
    : IHealthCheck
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

        if (!await warmUp.ProveKeysAsync(cancellationToken))
        {
            return HealthCheckResult.Unhealthy("The keys are not verified yet.");
        }

        if (store.IsShared)
        {
            if (outages.IsFull)
            {
                return HealthCheckResult.Unhealthy("The database's disk is full.");
            }

            // HeadPoll checks the database all the time, commits included, so that no probe waits here for a silent one.
            return poll.Age < HeadPoll.Stale
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"The database has not answered for {poll.Age.TotalSeconds:F0} seconds.");
        }

        try
        {
            using var rented = await store.RentAsync("", cancellationToken);
            rented.Reader.Head();
            return HealthCheckResult.Healthy();
        }
        catch (DbException exception)
        {
            logger.StoreFailed(exception, "the health check");
            return HealthCheckResult.Unhealthy("The store did not answer.");
        }
    }
}
