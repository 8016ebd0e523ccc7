using System.Diagnostics;
using Grpc.Core;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>
/// What an organization notices of another. First, the time of its creates at a steady rate, while another organization floods the server,
/// and alone. The flood is 256 callers in their own process that never pause, with the server's limits and without. A flood of two cores
/// makes every process wait, so the run also measures beside the same flood of another server: the difference is the effect of the queue.
/// Second, whether the time of a refusal tells an existing task of another organization from a missing one.
/// </summary>
internal static class TenancyRun
{
    private const int Rate = 50;
    private const int Flooders = 256;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using LoadServer unlimited = await LoadServer.StartAsync(), other = await LoadServer.StartAsync();
        // The default limits.
        using var limited =
            await LoadServer.StartAsync(null, ("Limits:RequestsPerSecond", "10000"), ("Limits:RequestsPerSecondBesideOthers", "1000"));
        var flood = report.Add(await Comparison.RunAsync(
            $"creates of one organization, {Rate}/s, beside another's flood",
            options,
            new("flood of 256 callers, default limits", turn => FloodedAsync(limited, limited, options.Count(Flooders, 4), turn)),
            new("the same without limits", turn => FloodedAsync(unlimited, unlimited, options.Count(Flooders, 4), turn)),
            new("flood of another server on this machine", turn => FloodedAsync(unlimited, other, options.Count(Flooders, 4), turn)),
            new("alone", turn => SteadyAsync(limited, turn))));
        report.AtMost("p99 beside a flood against alone", flood.Ratios(0, 3, sample => sample.P99), 2, 1.3);
        report.AtMost("p99 beside a flood without limits against beside the same flood of another server",
            flood.Ratios(1, 2, sample => sample.P99), 2, 1.3);
        await CompareRefusalsAsync(other, options, report);
    }

    private static async Task CompareRefusalsAsync(LoadServer server, LoadOptions options, Report report)
    {
        using var channel = server.Channel();
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        var stored = await Dataset.FillAsync(channel, options.Count(20_000, 1000));
        Task<Sample> RefusedAsync(TimeSpan turn, Func<Random, (int Organization, string Id)> pick) =>
            ClosedLoop.RunAsync(1, turn, server, async (_, random) =>
        {
            var (organization, id) = pick(random);
            try
            {
                await tasks.GetAgentTaskAsync(new GetAgentTaskRequest { Id = id }, Tasks.Callers[organization]);
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
            {
                // Expected.
            }
        });
        var refusals = report.Add(await Comparison.RunAsync(
            "a get that is refused, 1 caller",
            options,
            new("another organization's task", turn => RefusedAsync(turn, random =>
            {
                var (organization, id) = stored[random.Next(stored.Count)];
                return ((organization + 1) % Tasks.Organizations, id);
            })),
            new("no task",
                turn => RefusedAsync(turn,
                    random => (random.Next(Tasks.Organizations), Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString())))));
        report.AtMost("p50 of a get of another organization's task against of none", refusals.Ratios(1, sample => sample.P50), 1.05, 1.02);
    }

    private static async Task<Sample> FloodedAsync(LoadServer server, LoadServer flooded, int flooders, TimeSpan turn)
    {
        using var flood = await Flood.StartAsync(flooded, flooders);
        var sample = await SteadyAsync(server, turn);
        flood.RequireRunning();
        return sample;
    }

    private static async Task<Sample> SteadyAsync(LoadServer server, TimeSpan turn)
    {
        using var channel = server.Channel();
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        var (random, clock) = (new Random(), Stopwatch.StartNew());
        var latencies = await SteadyRate.RunAsync(Rate, turn, _ => CreateAsync(Tasks.New(random)));
        return Sample.Of(clock.Elapsed, null, latencies);

        async Task<double> CreateAsync(AgentTask task)
        {
            var started = Stopwatch.GetTimestamp();
            await tasks.CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = task }, Tasks.Callers[0]);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
    }
}
