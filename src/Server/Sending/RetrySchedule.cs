namespace TaskGrpc.Server.Sending;

/// <summary>The retry schedule of deliveries: about three days, then no more attempts.</summary>
internal static class RetrySchedule
{
    private const double Jitter = 0.2;

    private static readonly TimeSpan[] Slots =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>The delay after a number of tries; null after the last one.</summary>
    /// <param name="tries">The number of scheduled attempts so far, from 1.</param>
    /// <param name="retryAfter">The target's Retry-After; honoured up to twice the slot.</param>
    /// <param name="chance">The position within the jitter, from 0 to 1, which spreads retries of attempts that failed together.</param>
    public static TimeSpan? After(int tries, TimeSpan? retryAfter, double chance)
    {
        if (tries > Slots.Length)
        {
            return null;
        }

        var slot = Slots[tries - 1];
        var jittered = slot * (1 - Jitter + (2 * Jitter * chance));
        var asked = retryAfter is { } wait ? (wait < 2 * slot ? wait : 2 * slot) : TimeSpan.Zero;
        return asked > jittered ? asked : jittered;
    }
}
