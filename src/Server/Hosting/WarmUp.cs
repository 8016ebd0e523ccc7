using System.Data.Common;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Gets ready, a moment after the start, what the first list, the first page token and the first secret need: EF's model and the keys. In
/// the start itself they would take more than all the rest of it; a call that needs them earlier waits for them. The server is not ready
/// before the keys are proved, and stops if they cannot be.
/// </summary>
internal sealed class WarmUp(
    TaskStore store, IKeyManager keys, IDataProtectionProvider protection, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<WarmUp> logger)
    : BackgroundService
{
    /// <summary>The first calls have the processors for themselves, unless a health check asks earlier.</summary>
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(1);

    /// <summary>How long a health check waits for the keys before it answers that the server is not ready.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The time between two attempts while the database that holds the keys is out of reach.</summary>
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _proved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the keys have encrypted and decrypted; hurries it if they have not.</summary>
    public async ValueTask<bool> ProveKeysAsync(CancellationToken cancellationToken)
    {
        _asked.TrySetResult();
        try
        {
            return await _proved.Task.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A database that is elsewhere was in reach a moment ago, which it may not be a moment from now; a file still will be.
        await Task.WhenAny(_asked.Task, Task.Delay(store.IsShared ? TimeSpan.Zero : AfterStart, time, stoppingToken));
        string? told = null;
        while (!Prove(ref told))
        {
            await Task.Delay(BetweenAttempts, time, stoppingToken);
        }
    }

    /// <summary>Whether there is nothing more to try.</summary>
    /// <param name="told">The reason that the log has been given last.</param>
    private bool Prove(ref string? told)
    {
        try
        {
            // Read by themselves first: what a protector cannot read it logs with a stack.
            keys.GetAllKeys();
            // The first use of any protector makes the first key where there is none.
            var protector = protection.CreateProtector(nameof(WarmUp));
            protector.Unprotect(protector.Protect([]));
            _proved.SetResult(true);
            return true;
        }
        catch (Exception failure)
        {
            var reason = StartRefusal.Describe(Cause(failure));
            if (Cause(failure) is not DbException)
            {
                logger.KeysUnusable(reason);
                Environment.ExitCode = ExitCodes.Failed;
                lifetime.StopApplication();
                _proved.SetResult(false);
                return true;
            }

            if (told != reason)
            {
                logger.KeysOutOfReach(told = reason);
            }

            return false;
        }
    }

    /// <summary>What lies below the framework's own words for it.</summary>
    private static Exception Cause(Exception failure)
    {
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            if (inner is DbException or RefusedToStartException)
            {
                return inner;
            }
        }

        return failure.GetBaseException();
    }
}
