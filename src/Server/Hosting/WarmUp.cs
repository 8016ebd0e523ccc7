using System.Data.Common;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Prepares the keys shortly after the start, for the first page token and secret. During the start they would take more time than all
/// the rest; a call that needs them earlier waits for them. The server is not ready until the keys are verified, and stops if they are
/// unusable.
/// </summary>
internal sealed class WarmUp(
    TaskStore store, IKeyManager keys, IDataProtectionProvider protection, TimeProvider time, IHostApplicationLifetime lifetime,
        ILogger<WarmUp> logger)
    : BackgroundService
{
    /// <summary>A delay that leaves the processors to the first calls; a health check ends it.</summary>
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(1);

    /// <summary>How long a health check waits for the keys before it answers 'not ready'.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The time between two attempts while the database with the keys is unreachable.</summary>
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _proved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the keys have encrypted and decrypted; starts that at once if it has not run.</summary>
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
        // No delay with a remote database: it was reachable a moment ago, but may not be later. A file stays reachable.
        await Task.WhenAny(_asked.Task, Task.Delay(store.IsShared ? TimeSpan.Zero : AfterStart, time, stoppingToken));
        string? told = null;
        while (!Prove(ref told))
        {
            await Task.Delay(BetweenAttempts, time, stoppingToken);
        }
    }

    /// <summary>Whether no further attempt is necessary.</summary>
    /// <param name="told">The reason that was logged last.</param>
    private bool Prove(ref string? told)
    {
        try
        {
            // Read the keys directly first: a protector logs unreadable keys with a stack trace.
            keys.GetAllKeys();
            // The first use of any protector creates the first key.
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

    /// <summary>The database's or our own exception inside the framework's.</summary>
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
