using System.Diagnostics;

namespace TaskGrpc.Load.Measuring;

/// <summary>
/// Calls at a steady rate, which do not wait for earlier answers. A dedicated thread times them: the framework's timers follow the
/// kernel's tick, every 4 ms at 250 Hz, so that 1,000 calls a second would come as 250 bursts of four.
/// </summary>
internal static class SteadyRate
{
    /// <param name="perSecond">Calls per second.</param>
    /// <param name="duration">How long new calls begin.</param>
    /// <param name="callAsync">Makes one call; gets its number, from 0.</param>
    /// <returns>The calls' results, once all calls have returned.</returns>
    public static async Task<T[]> RunAsync<T>(int perSecond, TimeSpan duration, Func<int, Task<T>> callAsync)
    {
        var calls = new List<Task<T>>();
        await Task.Factory.StartNew(() => Begin(perSecond, duration, number => calls.Add(callAsync(number))), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return await Task.WhenAll(calls);
    }

    private static void Begin(int perSecond, TimeSpan duration, Action<int> begin)
    {
        using var pause = new ManualResetEvent(false);
        var (clock, begun) = (Stopwatch.StartNew(), 0);
        while (clock.Elapsed < duration)
        {
            // After a delay, as many calls as are due by now.
            for (; begun < clock.Elapsed.TotalSeconds * perSecond; begun++)
            {
                begin(begun);
            }

            pause.WaitOne(Math.Max(1, (int)((1000.0 * begun / perSecond) - clock.Elapsed.TotalMilliseconds)));
        }
    }
}
