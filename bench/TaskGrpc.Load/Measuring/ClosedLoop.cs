using System.Diagnostics;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Measuring;

/// <summary>Callers that each wait for an answer before they call again.</summary>
internal static class ClosedLoop
{
    /// <param name="callers">How many call at the same time.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="subject">Whose processor time is counted; null for nobody's.</param>
    /// <param name="callAsync">One call, given the caller's number and its randomness.</param>
    public static async Task<Sample> RunAsync(int callers, TimeSpan duration, Subject? subject, Func<int, Random, Task> callAsync)
    {
        var (clock, cpu) = (Stopwatch.StartNew(), subject?.Cpu);
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
        return Sample.Of(clock.Elapsed, subject?.Cpu - cpu, latencies.SelectMany(own => own));
    }
}
