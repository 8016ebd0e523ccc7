using System.Diagnostics;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Measuring;

/// <summary>Callers that each wait for an answer before they call again.</summary>
internal static class ClosedLoop
{
    /// <param name="callers">How many call at the same time.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="subject">Whose processor time is counted.</param>
    /// <param name="callAsync">One call, given the caller's number and its randomness.</param>
    public static Task<Sample> RunAsync(int callers, TimeSpan duration, Subject subject, Func<int, Random, Task> callAsync) =>
        RunAsync(callers, duration, () => subject.Cpu, callAsync);

    /// <param name="callers">How many call at the same time.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="cpu">The processor time that is counted, up to now; null for none.</param>
    /// <param name="callAsync">One call, given the caller's number and its randomness.</param>
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
