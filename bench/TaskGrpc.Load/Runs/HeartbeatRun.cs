using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>Heartbeats of many leases of one organization.</summary>
internal static class HeartbeatRun
{
    private const int Leases = 10_000;
    private const int AtOnce = 100;
    private const int Callers = 64;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        var title = $"heartbeats over {Leases:N0} leases, {Callers} callers";
        if (!title.Contains(options.Only, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        using var server = await LoadServer.StartAsync();
        using var channel = server.Channel();
        var tasks = new ReadyTasks(channel);
        var count = options.Count(Leases, AtOnce);
        await tasks.FillAsync(count);
        var leases = new List<Lease>(count);
        while (leases.Count < count)
        {
            leases.AddRange(await tasks.ClaimAsync(AtOnce, TimeSpan.FromHours(1)));
        }

        var beats = report.Add(await Comparison.RunAsync(
            title,
            options,
            new Alternative("TaskGrpc", turn => ClosedLoop.RunAsync(
                Callers, turn, server, (_, random) => tasks.BeatAsync(leases[random.Next(leases.Count)])))));
        report.AtMost("server CPU of a heartbeat, µs", beats.Figures(0, sample => sample.Cpu), 60, 30);
    }
}
