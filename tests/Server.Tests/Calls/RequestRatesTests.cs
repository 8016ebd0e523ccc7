using System.Diagnostics;
using CsCheck;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Faults;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>An organization gets exactly the configured rate, evenly, and RetryInfo says when a refused call may be repeated.</summary>
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

                // One second's saved-up calls plus the refill so far: the last call found the bucket empty. The library drops less than
                // 100 ns from each refill, which is one or two percent at this rate.
                Assert.InRange(
                    served, most + (most * (last - first).TotalSeconds * 0.95) - 1, most + (most * clock.Elapsed.TotalSeconds) + 1);
            },
            iter: 20,
            threads: 1);

    [Fact]
    public async Task Calls_refused_together_Are_served_after_their_own_delays()
    {
        using var rates = Rates(100);
        // A pause of 10 ms between the calls lets one pass; then the test tries the next organization.
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
    public void Callers_that_do_not_wait_Delay_others_only_briefly()
    {
        using var rates = Rates(1);
        Assert.True(Serves(rates, "org"));

        var delays = Enumerable.Range(0, 100).Select(_ => Refused(rates, "org")).ToArray();

        Assert.All(delays, delay => Assert.InRange(delay, TimeSpan.FromSeconds(0.5), OrganizationRate.Farthest));
        Assert.True(delays.Count(delay => delay < TimeSpan.FromSeconds(1.5)) >= 9, "Later calls got the first place again.");
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
    public void An_organization_alone_Has_only_its_own_limit()
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

    /// <summary>Uses up an organization's rate, and then calls the given number of times, as long as all are refused.</summary>
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

    /// <summary>When a refused call may be repeated; null if the call passed.</summary>
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
