using System.Diagnostics;
using Grpc.Core;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>
/// What an organization notices of another that floods the server: the time of its creates, at a steady rate, beside that and alone. The flood
/// comes from 256 callers that never rest, held to what a server allows one organization by default or not held at all.
/// </summary>
internal static class FloodRun
{
    private const int Rate = 50;
    private const int Flooders = 256;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using LoadServer unlimited = await LoadServer.StartAsync(), limited = await LoadServer.StartAsync(null, ("Limits:RequestsPerSecond", "1000"));
        var flood = report.Add(await Comparison.RunAsync(
            $"creates of one organization, {Rate}/s, beside another's flood",
            options,
            new("flood of 256 callers", turn => FloodedAsync(unlimited, options.Count(Flooders, 4), turn)),
            new("the same, held to 1,000/s", turn => FloodedAsync(limited, options.Count(Flooders, 4), turn)),
            new("alone", turn => SteadyAsync(unlimited, turn))));
        report.AtMost("p99 beside a flood that is held to 1,000/s against alone", flood.Ratios(1, 2, sample => sample.P99), 2, 1.3);
        report.AtMost("p99 beside a flood against alone", flood.Ratios(0, 2, sample => sample.P99), 2, 1.3);
    }

    private static async Task<Sample> FloodedAsync(LoadServer server, int flooders, TimeSpan turn)
    {
        using var channel = server.Channel();
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        using var stop = new CancellationTokenSource();
        var flood = Enumerable.Range(0, flooders).Select(i => Task.Run(async () =>
        {
            var random = new Random(i);
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await tasks.CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = Tasks.New(random) }, Tasks.Callers[1]);
                }
                catch (RpcException exception) when (exception.StatusCode is StatusCode.ResourceExhausted or StatusCode.Unavailable)
                {
                    // Told to come back later; as a well-behaved client does.
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
                }
            }
        })).ToArray();
        var sample = await SteadyAsync(server, turn);
        await stop.CancelAsync();
        await Task.WhenAll(flood);
        return sample;
    }

    private static async Task<Sample> SteadyAsync(LoadServer server, TimeSpan turn)
    {
        using var channel = server.Channel();
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        var (random, writing, clock) = (new Random(), new List<Task<double>>(), Stopwatch.StartNew());
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / Rate));
        while (clock.Elapsed < turn && await timer.WaitForNextTickAsync())
        {
            writing.Add(CreateAsync(Tasks.New(random)));
        }

        return Sample.Of(clock.Elapsed, null, await Task.WhenAll(writing));

        async Task<double> CreateAsync(AgentTask task)
        {
            var started = Stopwatch.GetTimestamp();
            await tasks.CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = task }, Tasks.Callers[0]);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
    }
}
