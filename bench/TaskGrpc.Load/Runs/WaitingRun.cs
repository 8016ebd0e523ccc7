using System.Diagnostics;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Runs;

/// <summary>Claims that wait: what they cost while nothing happens, and what those cost that are not next.</summary>
internal static class WaitingRun
{
    private const int Many = 1000;

    /// <summary>More than one, so that a claim waits already when the last claimer begins to wait again.</summary>
    private const int Few = 10;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        var (idle, next) = ("claims that wait while nothing happens, seconds", "a new task and its claim, 1 caller");
        if (!idle.Contains(options.Only, StringComparison.OrdinalIgnoreCase)
            && !next.Contains(options.Only, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        using LoadServer crowded = await LoadServer.StartAsync(), quiet = await LoadServer.StartAsync(),
            empty = await LoadServer.StartAsync();
        await using WaitingClaims many = await WaitingClaims.OpenAsync(crowded, options.Count(Many, Few + 1)),
            few = await WaitingClaims.OpenAsync(quiet, Few);
        report.Add(await Comparison.RunAsync(
            idle,
            options,
            new($"{Many:N0} waiting", turn => IdleAsync(crowded, turn)),
            new("none", turn => IdleAsync(empty, turn))));
        var claims = report.Add(await Comparison.RunAsync(
            next,
            options,
            new($"{Many:N0} waiting", turn => OneByOneAsync(crowded, many, turn)),
            new($"{Few} waiting", turn => OneByOneAsync(quiet, few, turn))));
        report.AtMost($"server CPU of a new task and its claim, {Many:N0} waiting against {Few}",
            claims.Ratios(1, sample => sample.Cpu), 1.2, 1.05);
        if (many.Tasks > 0)
        {
            report.AtMost($"waiting claims that a new task ends, of {Many:N0}", [many.Ended / (double)many.Tasks], 1, 1);
        }
    }

    /// <summary>Each second counts as one operation, so that the CPU time is that of a second.</summary>
    private static async Task<Sample> IdleAsync(LoadServer server, TimeSpan turn)
    {
        var (clock, before) = (Stopwatch.StartNew(), server.Cpu);
        await Task.Delay(turn, TimeProvider.System);
        return new Sample(1, (server.Cpu - before).TotalMicroseconds / clock.Elapsed.TotalSeconds);
    }

    private static Task<Sample> OneByOneAsync(LoadServer server, WaitingClaims claims, TimeSpan turn) =>
        ClosedLoop.RunAsync(1, turn, server, (_, random) => claims.CreateAndAwaitAsync(random));
}
