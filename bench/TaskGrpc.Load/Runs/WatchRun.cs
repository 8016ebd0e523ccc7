using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Net.Client;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>
/// Fan-out during writes, against a bare server that pushes the same bytes one by one at full speed; catch-up over a long log; and the
/// cost of idle watches.
/// </summary>
internal static class WatchRun
{
    private const int InBatch = 20;

    /// <summary>How far the producers may be ahead: far fewer changes than the server keeps in memory, so watchers stay live.</summary>
    private const int Ahead = 1000;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var server = await LoadServer.StartAsync();
        using var bare = await BareServer.StartAsync();
        using GrpcChannel own = server.Channel(), writes = server.Channel(), raw = bare.Channel();

        Alternative Live(int watchers) => new("TaskGrpc",
            turn => FanOutAsync(server, () => OpenAsync(own, watchers), writes, watchers, turn));
        Alternative Blast(int watchers) => new("bare, pre-serialised, one by one", turn => BlastAsync(bare, raw, watchers, turn));
        var one = report.Add(await Comparison.RunAsync("live fan-out, events to 1 watcher", options, Live(1), Blast(1)));
        foreach (var watchers in new[] { 100, 1000 })
        {
            var fanOut = report.Add(
                await Comparison.RunAsync($"live fan-out, events to {watchers:N0} watchers", options, Live(options.Count(watchers)),
                    Blast(options.Count(watchers))));
            report.AtLeast(
                $"live fan-out to {watchers:N0} watchers against pre-serialised bytes pushed one by one", fanOut.Ratios(1), 1.0, 1.5);
        }

        await CatchUpAsync(options, report, one);
        await LatencyRun.RunAsync(options, report);
        if (options.Only.Length == 0)
        {
            await IdleAsync(options, report);
        }
    }

    /// <summary>Watches of everything in the organization of <see cref="FanOutAsync"/>.</summary>
    public static Task<Watchers> OpenAsync(GrpcChannel channel, int watchers) =>
        Watchers.OpenAsync(channel, watchers, Streams.Watch, new WatchRequest(), Tasks.Callers[0]);

    /// <summary>Creates tasks as fast as the watchers receive them.</summary>
    public static async Task<Sample> FanOutAsync(
        LoadServer server, Func<Task<Watchers>> openAsync, GrpcChannel writes, int watchers, TimeSpan turn)
    {
        await using var open = await openAsync();
        var tasks = new AgentTaskService.AgentTaskServiceClient(writes);
        var (clock, cpu, produced, random) = (Stopwatch.StartNew(), server.Cpu, 0L, new Random(1));
        var batch = new BatchCreateAgentTasksRequest { AgentTasks = { Enumerable.Range(0, InBatch).Select(_ => Tasks.New(random)) } };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var waiting = new SemaphoreSlim(1);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            while (clock.Elapsed < turn)
            {
                await waiting.WaitAsync();
                while (Volatile.Read(ref produced) - (open.Received / watchers) > Ahead && clock.Elapsed < turn)
                {
                    await timer.WaitForNextTickAsync();
                }

                waiting.Release();
                Interlocked.Add(ref produced, InBatch);
                await tasks.BatchCreateAgentTasksAsync(batch, Tasks.Callers[0]);
            }
        }));
        return new Sample(open.Received / clock.Elapsed.TotalSeconds, (server.Cpu - cpu).TotalMicroseconds / open.Received);
    }

    private static async Task<Sample> BlastAsync(BareServer bare, GrpcChannel channel, int watchers, TimeSpan turn)
    {
        await using var open = await Watchers.OpenAsync(channel, watchers, Streams.Blast, new Empty());
        var (clock, cpu, before) = (Stopwatch.StartNew(), bare.Cpu, open.Received);
        await Task.Delay(turn, TimeProvider.System);
        var received = open.Received - before;
        return new Sample(received / clock.Elapsed.TotalSeconds, (bare.Cpu - cpu).TotalMicroseconds / received);
    }

    private static async Task CatchUpAsync(LoadOptions options, Report report, Comparison one)
    {
        using var server = await LoadServer.StartAsync();
        using GrpcChannel channel = server.Channel();
        var changes = options.Count(1_000_000, 1000);
        await Dataset.FillAsync(channel, changes, 0, organization: 0);
        var alternative = new Alternative("TaskGrpc", async _ =>
        {
            var (clock, cpu) = (Stopwatch.StartNew(), server.Cpu);
            using var call = channel.CreateCallInvoker()
                .AsyncServerStreamingCall(Streams.Watch, null, Tasks.Callers[0], new WatchRequest { AfterRevision = 0 });
            var received = 0L;
            while (received < changes && await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                received += call.ResponseStream.Current.Events;
            }

            return new Sample(received / clock.Elapsed.TotalSeconds, (server.Cpu - cpu).TotalMicroseconds / received);
        });
        var caughtUp =
            report.Add(await Comparison.RunAsync($"catch-up from revision 0 over {changes:N0} changes, events", options, alternative));
        var live = one.Rows().Select(row => Sample.Median(row.Rates)).FirstOrDefault(double.NaN);
        report.AtLeast("catch-up by one watcher against live fan-out to one",
            [.. caughtUp.Rows().SelectMany(row => row.Rates).Select(rate => rate / live)], 0.5, 1);
    }

    private static async Task IdleAsync(LoadOptions options, Report report)
    {
        var count = options.Count(10_000);
        var memory = new double[Math.Min(3, options.Rounds)];
        for (var round = 0; round < memory.Length; round++)
        {
            using var server = await LoadServer.StartAsync();
            using GrpcChannel channel = server.Channel(manyConnections: true), writes = server.Channel();
            var tasks = await Dataset.FillAsync(writes, count, organization: 0);
            await CreateRun.CreateAsync(server, writes, 64, options.WarmUp, Tasks.New, organization: 0);
            var before = server.MemoryBytes;
            var open = new List<Watchers>();
            foreach (var group in tasks.Take(count).Chunk(100))
            {
                open.AddRange(
                    await Task.WhenAll(
                        group.Select(task =>
                            Watchers.OpenAsync(channel, 1, Streams.Watch,
                                new WatchRequest
                                {
                                    Ids = { task.Id },
                                    HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromMinutes(10))
                                }, Tasks.Callers[0]))));
            }

            memory[round] = (server.MemoryBytes - before) / (double)open.Count / 1024;
            await Task.WhenAll(open.Select(watcher => watcher.DisposeAsync().AsTask()));
        }

        Console.WriteLine(
            $"| KiB of resident memory per idle watcher, {count:N0} watchers | TaskGrpc | "
            + $"{string.Join(", ", memory.Select(each => $"{each:N1}"))} | | | | |");
        report.AtMost("KiB of resident memory per idle watcher (its heap is part of it)", memory, 12, 6);
    }
}
