using System.Threading.RateLimiting;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>Logs refusals. Beyond a few lines a second it only counts them, so that unknown callers cannot fill the disk.</summary>
internal sealed class RefusalLog(ILogger<RefusalLog> logger) : IDisposable
{
    private readonly TokenBucketRateLimiter _lines = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = 20,
        TokensPerPeriod = 5,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    });

    private long _untold;

    /// <param name="actor">The caller; null if unknown.</param>
    /// <param name="method">The call.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="organizationId">The caller's organization; null if unknown.</param>
    public void Tell(string? organizationId, Actor? actor, string method, ErrorReason reason)
    {
        if (MayTell(out var untold))
        {
            var (type, id) = (actor?.Type ?? ActorType.Unspecified, actor?.Id ?? "unknown");
            logger.AccessRefused(organizationId ?? "unknown", type, id, method, reason, untold);
        }
    }

    /// <summary>Logs a connection that was refused because too many are open.</summary>
    public void TellConnection()
    {
        if (MayTell(out var untold))
        {
            logger.ConnectionRefused(untold);
        }
    }

    public void Dispose() => _lines.Dispose();

    private bool MayTell(out long untold)
    {
        using var line = _lines.AttemptAcquire();
        untold = line.IsAcquired ? Interlocked.Exchange(ref _untold, 0) : 0;
        if (!line.IsAcquired)
        {
            Interlocked.Increment(ref _untold);
        }

        return line.IsAcquired;
    }
}
