using System.Diagnostics;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Measuring;

/// <summary>Callers that each wait for the answer before their next call.</summary>
internal static class ClosedLoop
{
    /// <param name="callers">The number of concurrent callers.</param>
    /// <param name="duration">How long they call.</param>
    /// <param name="subject">The process whose CPU time counts.</param>
    /// <param name="callAsync">Makes one call; gets the caller's number and its random generator.</param>
    public static Task<Sample> RunAsync(int callers, TimeSpan duration, Subject subject, Func<int, Random, Task> callAsync) =>
        RunAsync(callers, duration, () => subject.Cpu, callAsync);

    /// <param name="callers">The number of concurrent callers.</param>
    /// <param name="duration">How long they call.</param>
    /// <param name="cpu">The CPU time used so far; null for none.</param>
    /// <param name="callAsync">Makes one call; gets the caller's number and its random generator.</param>
    public static async Task<Sample> RunAsync(int callers, TimeSpan duration, Func<TimeSpan>? cpu, Func<int, Random, Task> callAsync)
    {
        var (clock, before) = (Stopwatch.StartNew(), cpu?.Invoke());
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            var (own, random) = (new List<double>(), new Random());
            while (clock.Elapsed < duration)
            {
                var started = Stopwatch.GetTimestamp();
                await callAsync(caller, random);
                own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return own;
        }));
        return Sample.Of(clock.Elapsed, cpu?.Invoke() - before, latencies.SelectMany(own => own));
    }
}
