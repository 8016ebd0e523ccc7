using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace TaskGrpc.Server.Calls.Limits;

/// <summary>
/// One organization's rate: the library's bucket, filled to the moment of each call instead of ten times a second, and a place for each caller that is refused. Without
/// either, calls would come in bursts: as soon as the bucket is filled, and when all those come back who were told the same time.
/// </summary>
internal sealed class OrganizationRate(int most) : ReplenishingRateLimiter
{
    /// <summary>Who is refused when this much is promised already is told the first place again: callers who do not wait must not push away those who do.</summary>
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

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(AttemptAcquireCore(permitCount));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _bucket.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>How long until there is a call left, if those who were refused before come back when they were told.</summary>
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
