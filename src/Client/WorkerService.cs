using Microsoft.Extensions.Hosting;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>Runs a worker with the application's host. If the server refuses its claims for good, the host stops.</summary>
internal sealed class WorkerService<T>(TaskGrpcWorker<T> worker) : BackgroundService
    where T : class, IClaimable
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => worker.RunAsync(stoppingToken);
}
