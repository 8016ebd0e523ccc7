namespace TaskGrpc.Server.Sending;

/// <summary>When a delivery is tried again: about three days of patience, then none.</summary>
internal static class RetrySchedule
{
    private const double Jitter = 0.2;

    private static readonly TimeSpan[] Slots =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>How long to wait after so many tries; null when there is nothing left to wait for.</summary>
    /// <param name="tries">How many attempts the schedule has seen, from 1.</param>
    /// <param name="retryAfter">How long the target asked to be left alone; honoured up to twice the slot.</param>
    /// <param name="chance">From 0 to 1: where within the jitter the attempt falls, so that those that failed together do not come back together.</param>
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
