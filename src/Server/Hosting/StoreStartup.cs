using System.Data.Common;
using System.Net.Sockets;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Opens the store before anything else starts, so that the first call finds it ready and a bad store stops the start. The connection
/// for commits opens in parallel; the start waits for it at the end.
/// </summary>
internal sealed class StoreStartup(TaskStore store, CommitLanes lanes, ILogger<StoreStartup> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        store.Open();
        store.CheckKeys();
        if (store.OpenToOthers() is { } file)
        {
            logger.OpenToOthers(file);
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await lanes.Opened.WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is DbException or SocketException or IOException or TimeoutException)
        {
            throw store.Unusable(exception);
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
