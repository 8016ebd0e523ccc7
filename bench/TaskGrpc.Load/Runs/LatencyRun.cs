using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.Load.Bare;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>
/// The time from a commit to a watcher at a steady rate. The clock starts when the answer of the create reaches its caller (on the bare
/// server: the answer of the publish), and stops when the event reaches the first and the last watcher.
/// </summary>
internal static class LatencyRun
{
    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var server = await LoadServer.StartAsync();
        using var bare = await BareServer.StartAsync();
        using GrpcChannel own = server.Channel(), raw = bare.Channel(), ownWatches = server.Channel(), rawWatches = bare.Channel();
        foreach (var (watchers, rate) in new[] { (1, 200), (1, 1000), (100, 500) })
        {
            var latency = report.Add(await Comparison.RunAsync(
                $"commit to watcher, {watchers} watchers, {rate:N0} changes/s",
                options,
                new("TaskGrpc", turn => MeasureAsync(
                    server,
                    task => new AgentTaskService.AgentTaskServiceClient(own)
                        .CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = task }, Tasks.Callers[0]).ResponseAsync,
                    stop => ownWatches.CreateCallInvoker()
                        .AsyncServerStreamingCall(
                            Watched, null, Tasks.Callers[0].WithCancellationToken(stop), new WatchRequest()).ResponseStream,
                    tellsAtOnce: true,
                    options.Count(watchers, 1),
                    rate,
                    turn)),
                new("bare", turn => MeasureAsync(
                    bare,
                    task => new BareService.BareServiceClient(raw).PublishAsync(task).ResponseAsync,
                    stop => rawWatches.CreateCallInvoker()
                        .AsyncServerStreamingCall(
                            Streams.Follow, null, new CallOptions(cancellationToken: stop), new Empty()).ResponseStream,
                    tellsAtOnce: false,
                    options.Count(watchers, 1),
                    rate,
                    turn))));
            if (rate > 200)
            {
                report.AtMost($"commit to watcher, p99, {watchers} watchers at {rate:N0} changes/s against the bare server's",
                    latency.Ratios(1, sample => sample.P99), 2, 1.3);
            }
        }
    }

    private static Method<WatchRequest, WatchResponse> Watched { get; } = new(MethodType.ServerStreaming,
        WatchService.Descriptor.FullName, "Watch", Streams.Marshalled(WatchRequest.Parser), Streams.Marshalled(WatchResponse.Parser));

    private static async Task<Sample> MeasureAsync(Subject subject, Func<AgentTask, Task> sendAsync,
        Func<CancellationToken, IAsyncStreamReader<WatchResponse>> open, bool tellsAtOnce, int watchers, int rate, TimeSpan turn)
    {
        // 1. Open the watchers: all are read, the first and the last are timed.
        using var stop = new CancellationTokenSource();
        var arrived = new ConcurrentQueue<(string Title, long At)>();
        var reading = new List<Task>();
        for (var i = 0; i < watchers; i++)
        {
            var stream = open(stop.Token);
            if (tellsAtOnce)
            {
                await stream.MoveNext(CancellationToken.None);
            }

            reading.Add(ReadAsync(stream, i == 0 || i == watchers - 1 ? arrived : null, stop.Token));
        }

        if (!tellsAtOnce)
        {
            // A stream misses what is published before it is open, so publish until an event arrives.
            await Poll.UntilAsync(
                () => arrived.Select(item => item.Title).Distinct().Any(), () => sendAsync(new AgentTask { Title = "" }));
        }

        // 2. Make changes at a steady rate.
        var (clock, cpu, random) = (Stopwatch.StartNew(), subject.Cpu, new Random());
        var answered = await SteadyRate.RunAsync(rate, turn, number => SendAsync(Tasks.New(random), number));
        var elapsed = clock.Elapsed;
        var timed = Math.Min(watchers, 2);
        await Poll.UntilAsync(() => arrived.Count(item => item.Title.Length > 0) >= answered.Length * timed);
        await stop.CancelAsync();
        await Task.WhenAll(reading);
        var latencies = arrived.Where(item => item.Title.Length > 0)
            .Select(item =>
                Math.Max(0.01,
                    Stopwatch.GetElapsedTime(answered[int.Parse(item.Title, CultureInfo.InvariantCulture)], item.At).TotalMilliseconds));
        return Sample.Of(elapsed, subject.Cpu - cpu, latencies) with { Rate = answered.Length / elapsed.TotalSeconds };

        async Task<long> SendAsync(AgentTask task, int number)
        {
            task.Title = number.ToString(CultureInfo.InvariantCulture);
            await sendAsync(task);
            return Stopwatch.GetTimestamp();
        }
    }

    private static async Task ReadAsync(
        IAsyncStreamReader<WatchResponse> stream, ConcurrentQueue<(string, long)>? arrived, CancellationToken stop)
    {
        try
        {
            while (await stream.MoveNext(CancellationToken.None))
            {
                var now = Stopwatch.GetTimestamp();
                foreach (var item in stream.Current.Events)
                {
                    arrived?.Enqueue((item.Change.AgentTask.Title, now));
                }
            }
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException && stop.IsCancellationRequested)
        {
            // The turn has ended.
        }
    }
}
