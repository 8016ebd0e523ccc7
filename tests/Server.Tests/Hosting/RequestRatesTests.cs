using CsCheck;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Hosting.Limits;
using Xunit;

namespace TaskGrpc.Server.Tests.Hosting;

/// <summary>The rate that the operator asks for is the rate that an organization gets.</summary>
public sealed class RequestRatesTests
{
    [Fact]
    public void Every_rate_Is_kept_also_one_that_does_not_divide_by_ten() =>
        Gen.OneOf(Gen.Int[1, 100], Gen.Int[1, 10_000_000]).Sample(most =>
        {
            var bucket = RequestRates.BucketOf(most);
            Assert.Equal(most, bucket.TokenLimit);
            Assert.InRange(bucket.TokensPerPeriod / bucket.ReplenishmentPeriod.TotalSeconds / most, 0.9999, 1.0001);
            Assert.InRange(bucket.ReplenishmentPeriod, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
        });

    [Fact]
    public void Who_is_refused_together_Is_told_different_times_to_come_back_and_none_that_is_too_early()
    {
        using var rates = new RequestRates(Options.Create(new LimitOptions { RequestsPerSecond = 1 }));
        rates.Take("org");

        var delays = Enumerable.Range(0, 100).Select(_ => Assert.Throws<Fault>(() => rates.Take("org")).RetryAfter!.Value).ToArray();

        Assert.InRange(delays.Distinct().Count(), 90, 100);
        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
    }
}
