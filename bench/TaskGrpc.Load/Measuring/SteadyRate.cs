using System.Diagnostics;

namespace TaskGrpc.Load.Measuring;

/// <summary>
/// Calls that come one after the other at a steady rate, whether or not the ones before have been answered. They are timed by a thread of
/// its own: the framework's timers go by a clock that moves with the kernel's tick, every 4 ms at 250 Hz, so that 1,000 calls a second
/// would come as 250 bursts of four.
/// </summary>
internal static class SteadyRate
{
    /// <param name="perSecond">How many calls a second.</param>
    /// <param name="duration">For how long calls are begun.</param>
    /// <param name="callAsync">One call, given its number from 0 on.</param>
    /// <returns>What the calls returned, once all have.</returns>
    public static async Task<T[]> RunAsync<T>(int perSecond, TimeSpan duration, Func<int, Task<T>> callAsync)
    {
        var calls = new List<Task<T>>();
        await Task.Factory.StartNew(() => Begin(perSecond, duration, number => calls.Add(callAsync(number))), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return await Task.WhenAll(calls);
    }

    private static void Begin(int perSecond, TimeSpan duration, Action<int> begin)
    {
        using var pause = new ManualResetEvent(false);
        var (clock, begun) = (Stopwatch.StartNew(), 0);
        while (clock.Elapsed < duration)
        {
            // After a delay as many as are due by now.
            for (; begun < clock.Elapsed.TotalSeconds * perSecond; begun++)
            {
                begin(begun);
            }

            pause.WaitOne(Math.Max(1, (int)((1000.0 * begun / perSecond) - clock.Elapsed.TotalMilliseconds)));
        }
    }
}
