using CsCheck;
using TaskGrpc.Server.Sending;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

public sealed class RetryScheduleTests
{
    private static readonly TimeSpan[] Slots =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    [Fact]
    public void Nine_retries_Come_within_a_fifth_of_their_slots_and_then_none() =>
        Gen.Select(Gen.Int[1, 12], Gen.Double[0, 1]).Sample((tries, chance) =>
    {
        var wait = RetrySchedule.After(tries, retryAfter: null, chance);
        if (tries > Slots.Length)
        {
            Assert.Null(wait);
        }
        else
        {
            Assert.InRange(wait!.Value / Slots[tries - 1], 0.8, 1.2);
        }
    });

    [Theory]
    [InlineData(1, 2, 4, 6)]
    [InlineData(1, 8, 8, 8)]
    [InlineData(1, 3600, 10, 10)]
    [InlineData(1, -5, 4, 6)]
    [InlineData(2, 400, 400, 400)]
    [InlineData(2, 100_000, 600, 600)]
    public void A_targets_own_wish_Is_honoured_up_to_twice_the_slot(int tries, int asked, int least, int most) =>
        Assert.InRange(
            RetrySchedule.After(tries, TimeSpan.FromSeconds(asked), 0.5)!.Value, TimeSpan.FromSeconds(least), TimeSpan.FromSeconds(most));
}
