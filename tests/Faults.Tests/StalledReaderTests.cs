using System.Diagnostics;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>T7 and T8: slow readers and readers that accept nothing. Their cost is bounded, and other callers do not notice.</summary>
public sealed class StalledReaderTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>The size at which the server itself bounds the log (192 MiB), and one commit.</summary>
    private const int MostLog = 208 * 1024 * 1024;
    private const int MostMemory = 200 * 1024 * 1024;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task T7_Fifty_stalled_watches_during_100_000_changes_Cost_a_bounded_log_and_bounded_memory()
    {
        const int batches = 500;
        const int batch = 200;
        using var server = new ServerProcess(_folder.Path);
        await server.StartAsync();
        using var writer = server.Client("org", maxAttempts: 5);
        var clients = Enumerable.Range(0, 50).Select(_ => server.Client("org")).ToArray();
        // The test opens it and never reads from it.
        var stalled = await Task.WhenAll(clients.Select(client => WatchProbe.OpenAsync(client)));
        await writer.BoardTasks.BatchCreateBoardTasksAsync(Batch(batch));
        var (memory, log) = (server.ResidentBytes, 0L);
        for (var i = 1; i < batches; i++)
        {
            await writer.BoardTasks.BatchCreateBoardTasksAsync(Batch(batch));
            log = Math.Max(log, new FileInfo(Path.Combine(_folder.Path, "taskgrpc.db-wal")).Length);
        }

        var grown = server.ResidentBytes - memory;
        output.WriteLine($"{batches * batch} changes: the log file grew to {log / 1048576} MiB, memory by {grown / 1048576} MiB.");
        Assert.InRange(log, 0, MostLog);
        Assert.InRange(grown, long.MinValue, MostMemory);
        foreach (var probe in stalled)
        {
            probe.Dispose();
        }

        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task T8_A_reader_of_one_message_a_second_and_then_none_Gets_its_buffered_messages_and_SLOW_READER_and_resumes()
    {
        const int others = 10;
        const int changes = 1200;
        const int warmUp = 300;
        await using var server =
            await TestServer.StartAsync(_folder.Path, settings: new Dictionary<string, string?> { ["Watch:WriteTimeout"] = "00:00:06" });
        using var writer = server.Client("org");
        using var slowClient = server.Client("org");
        var clients = Enumerable.Range(0, others).Select(_ => server.Client("org")).ToArray();
        var watches = await Task.WhenAll(clients.Select(client => WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 })));
        var reading = watches.Select(watch => watch.UntilAsync((2 * changes) + warmUp)).ToArray();
        await LatenciesAsync(writer, warmUp);
        var quiet = await LatenciesAsync(writer, changes);
        using var slow = await WatchProbe.OpenAsync(slowClient, new WatchRequest { AfterRevision = changes + warmUp });

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        var writing = LatenciesAsync(writer, changes);
        for (var i = 0; i < 3; i++)
        {
            await timer.WaitForNextTickAsync();
            await slow.NextAsync();
        }

        var loaded = await writing;
        await Task.WhenAll(reading);
        output.WriteLine($"p99 of a create: {quiet:F1} ms beside {others} watches, {loaded:F1} ms beside the slow one too.");
        await Refusal.OfAsync(ErrorReason.SlowReader, async () =>
        {
            while (server.OpenWatches > others)
            {
                await BackOff.WaitAsync();
            }

            while (true)
            {
                await slow.NextAsync();
            }
        });

        var token = slow.Messages.Last(message => message.ResumeToken.Length > 0).ResumeToken;
        using var resumed = await WatchProbe.OpenAsync(slowClient, new WatchRequest { ResumeToken = token });
        await resumed.UntilAsync((2 * changes) + warmUp);
        Assert.Equal(watches[0].Events.Where(item => item.Change.Revision > changes + warmUp), slow.Events.Concat(resumed.Events));
        Array.ForEach(watches, watch => watch.Dispose());
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task A_reader_of_events_over_HTTP_that_accepts_nothing_Ends_and_frees_its_watch()
    {
        await using var server =
            await TestServer.StartAsync(_folder.Path, settings: new Dictionary<string, string?> { ["Watch:WriteTimeout"] = "00:00:01" });
        using var client = server.Client("default");
        using var stalled = new System.Net.Sockets.TcpClient { ReceiveBufferSize = 4096 };
        await stalled.ConnectAsync(server.Http.Host, server.Http.Port);
        await stalled.GetStream().WriteAsync("GET /watch HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        while (server.OpenWatches == 0)
        {
            await BackOff.WaitAsync();
        }

        // The test reads nothing, so the events soon fill every buffer on the way.
        var sample = Sample.AgentTask();
        sample.Description = new string('x', 60_000);
        while (server.OpenWatches > 0)
        {
            await client.CreateAgentTaskAsync(sample);
        }
    }

    /// <summary>Creates tasks of a few kilobytes from 16 callers, and returns the 99th percentile in milliseconds.</summary>
    private static async Task<double> LatenciesAsync(TaskGrpcClient client, int count)
    {
        var (left, sample) = (count, Sample.AgentTask());
        sample.Description = new string('x', 4000);
        var latencies = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            var own = new List<double>();
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var started = Stopwatch.GetTimestamp();
                await client.CreateAgentTaskAsync(sample);
                own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return own;
        }));
        return latencies.SelectMany(own => own).Order().ElementAt(count * 99 / 100);
    }

    private static BatchCreateBoardTasksRequest Batch(int size)
    {
        var sample = Sample.BoardTask();
        sample.Description = new string('x', 300);
        return new() { BoardTasks = { Enumerable.Repeat(sample, size) } };
    }
}
