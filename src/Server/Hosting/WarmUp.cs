using Microsoft.AspNetCore.DataProtection;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Gets ready, a moment after the start, what the first list, the first page token and the first secret need: EF's model and the keys. In the start
/// itself they would take more than all the rest of it; whoever needs them before that moment waits for them alone.
/// </summary>
internal sealed class WarmUp(TaskStore store, IDataProtectionProvider protection, TimeProvider time, ILogger<WarmUp> logger) : BackgroundService
{
    /// <summary>The first calls are to have the processors for themselves.</summary>
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A database that is elsewhere was in reach a moment ago, which it may not be a moment from now; a file still will be.
        await Task.Delay(store.IsShared ? TimeSpan.Zero : AfterStart, time, stoppingToken);
        store.BuildModel();
        try
        {
            // The first use of any protector reads them.
            protection.CreateProtector(nameof(WarmUp)).Protect([]);
        }
        catch (Exception exception)
        {
            // Whoever needs them tries again, and is told.
            logger.KeysOutOfReach(exception);
        }
    }
}
