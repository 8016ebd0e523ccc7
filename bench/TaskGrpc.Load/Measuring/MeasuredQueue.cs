using System.Diagnostics;

namespace TaskGrpc.Load.Measuring;

/// <summary>
/// A queue whose jobs are claimed and completed by 64 workers. It is filled, which does not count, and emptied, which counts, in turn
/// until the counted time is up. So both sides of a comparison begin with the same number of ready jobs.
/// </summary>
/// <param name="cpu">The CPU time used so far.</param>
/// <param name="fillAsync">Adds the given number of jobs.</param>
/// <param name="drainAsync">Does jobs in batches of the given size, until so many are done or the time is up.</param>
internal sealed class MeasuredQueue(
    Func<TimeSpan> cpu, Func<int, Task> fillAsync, Func<(int Jobs, int Batch, TimeSpan Time), Task<Drained>> drainAsync)
{
    public const int Workers = 64;

    private int _left;

    /// <summary>Measures jobs per second, the CPU time of each, and the times of a claim with its completion.</summary>
    /// <param name="ready">The number of ready jobs to begin with.</param>
    /// <param name="batch">How many jobs a worker claims at once.</param>
    /// <param name="turn">The counted time.</param>
    public async Task<Sample> MeasureAsync(int ready, int batch, TimeSpan turn)
    {
        var (done, elapsed, used, times) = (0, TimeSpan.Zero, TimeSpan.Zero, new List<double>());
        while (elapsed < turn)
        {
            await fillAsync(ready - _left);
            var before = cpu();
            var drained = await drainAsync((ready, batch, turn - elapsed));
            used += cpu() - before;
            (elapsed, done, _left) = (elapsed + drained.Elapsed, done + drained.Done, ready - drained.Done);
            times.AddRange(drained.Times);
        }

        times.Sort();
        return times.Count == 0 ? new Sample(0, double.NaN) : new Sample(
            done / elapsed.TotalSeconds, used.TotalMicroseconds / done, Sample.Quantile(times, 0.5), Sample.Quantile(times, 0.99));
    }

    /// <summary>Workers of this process do jobs until the given number is done or the time is up.</summary>
    /// <param name="jobs">The number of jobs in the queue.</param>
    /// <param name="time">When workers begin no more jobs.</param>
    /// <param name="workAsync">Takes jobs and completes them; gets the worker's number and returns how many jobs it did.</param>
    public static async Task<Drained> DrainAsync(int jobs, TimeSpan time, Func<int, Task<int>> workAsync)
    {
        var (clock, done) = (Stopwatch.StartNew(), 0);
        var times = await Task.WhenAll(Enumerable.Range(0, Workers).Select(async worker =>
        {
            var own = new List<double>();
            while (Volatile.Read(ref done) < jobs && clock.Elapsed < time)
            {
                var started = Stopwatch.GetTimestamp();
                // A claim that finds nothing is no job: other workers hold the last ones.
                if (await workAsync(worker) is > 0 and var count)
                {
                    Interlocked.Add(ref done, count);
                    own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }
            }

            return own;
        }));
        return new Drained(done, clock.Elapsed, [.. times.SelectMany(own => own)]);
    }
}
