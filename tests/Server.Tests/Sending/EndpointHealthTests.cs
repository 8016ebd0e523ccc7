using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Sending;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

public sealed class EndpointHealthTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly EndpointHealth _health;

    public EndpointHealthTests() => _health = new EndpointHealth(8, _time);

    [Fact]
    public void An_endpoint_that_is_down_Gets_one_attempt_at_a_time_until_it_answers()
    {
        _health.Observe(AttemptResult.Down("No answer."));
        Assert.Equal(1, _health.Concurrency);
        // Outcomes that do not depend on the endpoint change nothing.
        _health.Observe(AttemptResult.Retryable("No secret."));
        Assert.Equal((1, false), (_health.Concurrency, _health.IsGood));
        _health.Observe(Answer(404));
        Assert.Equal((8, true), (_health.Concurrency, _health.IsGood));
    }

    [Fact]
    public void An_overloaded_endpoint_Is_left_alone_longer_each_time_and_as_long_as_it_asks()
    {
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 32 })
        {
            _health.Observe(Answer(429));
            _health.Observe(Answer(429));
            Assert.Equal(TimeSpan.FromSeconds(seconds), _health.Pause);
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(TimeSpan.Zero, _health.Pause);
        }

        _health.Observe(Answer(429) with { RetryAfter = TimeSpan.FromSeconds(50) });
        Assert.Equal(TimeSpan.FromSeconds(50), _health.Pause);
        _health.Observe(Answer(429) with { RetryAfter = TimeSpan.FromDays(1) });
        Assert.Equal(TimeSpan.FromMinutes(1), _health.Pause);
        _time.Advance(TimeSpan.FromMinutes(1));
        _health.Observe(AttemptResult.Succeeded);
        _health.Observe(Answer(429));
        Assert.Equal(TimeSpan.FromSeconds(1), _health.Pause);
    }

    private static AttemptResult Answer(int status) =>
        new() { Outcome = AttemptOutcome.Retryable, HttpStatus = status, IsUp = status < 429, IsOverloaded = status == 429 };
}
