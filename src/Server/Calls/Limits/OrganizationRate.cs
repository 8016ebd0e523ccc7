using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace TaskGrpc.Server.Calls.Limits;

/// <summary>
/// One organization's rate: the library's token bucket, refilled at each call instead of ten times a second, and a different retry time
/// for each refused call. Without these, calls would come in bursts: at each refill, and when all refused callers retry at once.
/// </summary>
internal sealed class OrganizationRate(int most) : ReplenishingRateLimiter
{
    /// <summary>
    /// The longest delay of a refusal. The delays then start again at the shortest, so that callers that ignore RetryInfo do not delay
    /// others.
    /// </summary>
    public static readonly TimeSpan Farthest = TimeSpan.FromSeconds(10);

    private readonly TokenBucketRateLimiter _bucket = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = most,
        TokensPerPeriod = most,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        AutoReplenishment = false,
        QueueLimit = 0,
    });

    private readonly Lock _places = new();
    private readonly long _step = (Stopwatch.Frequency / most) + 1;
    private long _last;

    public override bool IsAutoReplenishing => false;

    public override TimeSpan ReplenishmentPeriod => _bucket.ReplenishmentPeriod;

    public override TimeSpan? IdleDuration => _bucket.IdleDuration;

    public override bool TryReplenish() => _bucket.TryReplenish();

    public override RateLimiterStatistics? GetStatistics() => _bucket.GetStatistics();

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        var lease = _bucket.AttemptAcquire(permitCount);
        if (!lease.IsAcquired && _bucket.TryReplenish())
        {
            lease = _bucket.AttemptAcquire(permitCount);
        }

        return lease.IsAcquired ? lease : new Refused(NextPlace());
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        new(AttemptAcquireCore(permitCount));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _bucket.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>How long until the bucket has a token, if the callers refused before retry at their times.</summary>
    private TimeSpan NextPlace()
    {
        var now = Stopwatch.GetTimestamp();
        lock (_places)
        {
            var place = Math.Max(_last, now) + _step;
            _last = Stopwatch.GetElapsedTime(now, place) > Farthest ? now + _step : place;
            return Stopwatch.GetElapsedTime(now, _last);
        }
    }

    private sealed class Refused(TimeSpan delay) : RateLimitLease
    {
        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name ? delay : null;
            return metadata is not null;
        }
    }
}
