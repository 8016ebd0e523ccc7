using System.Threading.RateLimiting;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Hosting.Identity;

/// <summary>Tells the operator who was refused what. A stranger who tries without end fills no disk: beyond a few lines a second only their number is told.</summary>
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

    /// <param name="actor">Who was refused; null if that is not known.</param>
    /// <param name="method">What he asked for.</param>
    /// <param name="reason">Why he was refused.</param>
    /// <param name="organizationId">Whose caller he is; null if that is not known.</param>
    public void Tell(string? organizationId, Actor? actor, string method, ErrorReason reason)
    {
        using var line = _lines.AttemptAcquire();
        if (line.IsAcquired)
        {
            logger.AccessRefused(organizationId ?? "unknown", actor?.Type ?? ActorType.Unspecified, actor?.Id ?? "unknown", method, reason, Interlocked.Exchange(ref _untold, 0));
        }
        else
        {
            Interlocked.Increment(ref _untold);
        }
    }

    public void Dispose() => _lines.Dispose();
}
