using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Hosting.Limits;

/// <summary>Counts each organization's calls, and refuses those that come faster than it may make them.</summary>
internal sealed class RequestRates : IDisposable
{
    private const int RefillsPerSecond = 10;

    private readonly PartitionedRateLimiter<string>? _rates;

    public RequestRates(IOptions<LimitOptions> options)
    {
        if (options.Value.RequestsPerSecond is > 0 and var most)
        {
            var bucket = BucketOf(most);
            // Organizations that call no more are forgotten by the limiter itself.
            _rates = PartitionedRateLimiter.Create<string, string>(organization => RateLimitPartition.GetTokenBucketLimiter(organization, _ => bucket));
        }
    }

    /// <exception cref="Fault">RATE_LIMITED.</exception>
    public void Take(string organizationId)
    {
        using var lease = _rates?.AttemptAcquire(organizationId);
        if (lease is { IsAcquired: false })
        {
            throw new Fault(ErrorReason.RateLimited, "Your organization calls more often than it may, and nothing was done. Wait as long as RetryInfo says, and send several changes in one batch.")
            {
                RetryAfter = Spread(lease.TryGetMetadata(MetadataName.RetryAfter, out var delay) ? delay : TimeSpan.FromSeconds(1)),
            };
        }
    }

    /// <summary>A bucket that is refilled with whole calls, about ten times a second, so that no more and no fewer come in than that many a second.</summary>
    public static TokenBucketRateLimiterOptions BucketOf(int most)
    {
        var refill = ((most - 1) / RefillsPerSecond) + 1;
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = most,
            TokensPerPeriod = refill,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)refill / most),
            QueueLimit = 0,
        };
    }

    public void Dispose() => _rates?.Dispose();

    /// <summary>The limiter tells all the same time; told so, all who were refused would come back at once, to be refused at once, beside everybody else's calls.</summary>
    private static TimeSpan Spread(TimeSpan delay) => delay * (1 + Random.Shared.NextDouble());
}
