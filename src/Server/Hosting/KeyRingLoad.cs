using Microsoft.AspNetCore.DataProtection;

namespace TaskGrpc.Server.Hosting;

/// <summary>Reads the keys that encrypt secrets and seal page tokens beside the start. The framework's own service does so in it: a twelfth of its time.</summary>
internal sealed class KeyRingLoad(IDataProtectionProvider protection, ILogger<KeyRingLoad> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // The first use of any protector reads them.
            protection.CreateProtector(nameof(KeyRingLoad)).Protect([]);
        }
        catch (Exception exception)
        {
            // Whoever needs them tries again, and is told.
            logger.KeysOutOfReach(exception);
        }

        return Task.CompletedTask;
    }
}
