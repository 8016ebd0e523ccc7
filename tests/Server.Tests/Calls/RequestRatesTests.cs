using System.Diagnostics;
using CsCheck;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Faults;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>The rate that the operator asks for is the rate that an organization gets, evenly, and who is refused knows when to come back.</summary>
public sealed class RequestRatesTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Every_rate_Is_kept_from_one_moment_to_the_next() =>
        Gen.OneOf(Gen.Int[1, 100], Gen.Int[100, 20_000]).Sample(
            most =>
            {
                using var rates = Rates(most);
                var clock = Stopwatch.StartNew();
                Assert.True(Serves(rates, "org"));
                var (served, first, last, isServed) = (1L, clock.Elapsed, TimeSpan.Zero, true);
                while (isServed || last < TimeSpan.FromMilliseconds(50))
                {
                    last = clock.Elapsed;
                    isServed = Serves(rates, "org");
                    served += isServed ? 1 : 0;
                }

                // What was saved up for a second, and what came in since: the last one found the bucket empty. The library drops what is less than
                // 100 ns from each refill, which is a hundredth or two at this pace.
                Assert.InRange(served, most + (most * (last - first).TotalSeconds * 0.95) - 1, most + (most * clock.Elapsed.TotalSeconds) + 1);
            },
            iter: 20,
            threads: 1);

    [Fact]
    public async Task Those_who_are_refused_together_Are_served_when_each_comes_back_as_told()
    {
        using var rates = Rates(100);
        // A pause of 10 ms among them lets one in: then they were not refused together, and the next organization is asked.
        var (organization, delays) = Enumerable.Range(0, 100)
            .Select(n => (Organization: $"org{n}", Delays: RefusedInARow(rates, $"org{n}", 30)))
            .First(attempt => attempt.Delays.Count == 30);

        Assert.Equal(delays.Order(), delays);
        Assert.InRange(delays[^1] - delays[0], TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300));
        var served = await Task.WhenAll(delays.Select(async delay =>
        {
            await Task.Delay(delay + TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
            return Serves(rates, organization);
        }));
        Assert.DoesNotContain(false, served);
    }

    [Fact]
    public void Those_who_do_not_wait_Push_nobody_away_for_long()
    {
        using var rates = Rates(1);
        Assert.True(Serves(rates, "org"));

        var delays = Enumerable.Range(0, 100).Select(_ => Refused(rates, "org")).ToArray();

        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.FromSeconds(0.5), OrganizationRate.Farthest));
        Assert.True(delays.Count(delay => delay < TimeSpan.FromSeconds(1.5)) >= 9, "Who comes later is told the first place again.");
    }

    [Fact]
    public void The_rate_beside_others_Holds_from_the_others_first_call_until_ten_seconds_after_their_last()
    {
        using var rates = Rates(0, 3);
        Assert.Equal(100, Served(100));
        Assert.True(Serves(rates, "other"));
        Assert.InRange(Served(100), 3, 99);

        _time.Advance(Neighbours.Memory - TimeSpan.FromSeconds(1));
        Assert.InRange(Served(100), 0, 99);
        Assert.True(Serves(rates, "other"));
        _time.Advance(Neighbours.Memory - TimeSpan.FromSeconds(1));
        Assert.InRange(Served(100), 0, 99);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(100, Served(100));

        int Served(int calls) => Enumerable.Range(0, calls).Count(_ => Serves(rates, "org"));
    }

    [Fact]
    public void One_that_is_alone_Meets_only_the_limit_of_its_own()
    {
        using var rates = Rates(5, 3);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.True(Serves(rates, "org")));
        Assert.InRange(Refused(rates, "org"), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(201));
    }

    private static bool Serves(RequestRates rates, string organization) => Refusal(rates, organization) is null;

    private static TimeSpan Refused(RequestRates rates, string organization)
    {
        var delay = Refusal(rates, organization);
        Assert.NotNull(delay);
        return delay.Value;
    }

    /// <summary>Uses up what an organization has, and then asks so many times, as far as all are refused.</summary>
    private static List<TimeSpan> RefusedInARow(RequestRates rates, string organization, int calls)
    {
        while (Serves(rates, organization))
        {
        }

        var delays = new List<TimeSpan>();
        while (delays.Count < calls && Refusal(rates, organization) is { } delay)
        {
            delays.Add(delay);
        }

        return delays;
    }

    /// <summary>When a call that is refused may come back; null if it was let in.</summary>
    private static TimeSpan? Refusal(RequestRates rates, string organization)
    {
        try
        {
            rates.Take(organization);
            return null;
        }
        catch (Fault fault) when (fault.Reason == V1.ErrorReason.RateLimited)
        {
            return fault.RetryAfter!.Value;
        }
    }

    private RequestRates Rates(int most, int beside = 0) =>
        new(Options.Create(new LimitOptions { RequestsPerSecond = most, RequestsPerSecondBesideOthers = beside }), _time);
}
