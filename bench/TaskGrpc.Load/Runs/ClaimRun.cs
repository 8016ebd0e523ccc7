using System.Diagnostics;
using Grpc.Net.Client;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Runs;

/// <summary>
/// The time of a claim among many ready tasks of one organization and among few. A create follows each claim, so that their number stays.
/// </summary>
internal static class ClaimRun
{
    private const int Many = 1_000_000;
    private const int Few = 1000;
    private const int Callers = 8;

    /// <summary>Longer than the run: a lease that expires would make one more task ready.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        var title = $"claim of 1, {Callers} callers";
        if (!title.Contains(options.Only, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        using LoadServer large = await LoadServer.StartAsync(), small = await LoadServer.StartAsync();
        using GrpcChannel toLarge = large.Channel(), toSmall = small.Channel();
        ReadyTasks among = new(toLarge), amongFew = new(toSmall);
        await among.FillAsync(options.Count(Many, Few));
        await amongFew.FillAsync(Few);
        var claims = report.Add(await Comparison.RunAsync(
            title,
            options,
            new($"among {Many:N0} ready tasks", turn => MeasureAsync(large, among, turn)),
            new($"among {Few:N0}", turn => MeasureAsync(small, amongFew, turn))));
        report.AtMost("p99 of a claim among 1,000,000 ready tasks against among 1,000", claims.Ratios(1, sample => sample.P99), 1.3, 1.1);
    }

    /// <summary>The times are the claims' alone; the rate and the CPU time are of a claim and a create together.</summary>
    private static async Task<Sample> MeasureAsync(LoadServer server, ReadyTasks tasks, TimeSpan turn)
    {
        var (clock, before) = (Stopwatch.StartNew(), server.Cpu);
        var times = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            var (own, random) = (new List<double>(), new Random());
            while (clock.Elapsed < turn)
            {
                var started = Stopwatch.GetTimestamp();
                var leases = await tasks.ClaimAsync(1, Lease);
                own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                if (leases.Count != 1)
                {
                    throw new InvalidOperationException("A claim found nothing, though tasks are ready.");
                }

                await tasks.CreateAsync(random);
            }

            return own;
        }));
        return Sample.Of(clock.Elapsed, server.Cpu - before, times.SelectMany(own => own));
    }
}
