using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>How the server ends streams: at a shutdown, for a reader that accepts nothing, and above the limit of watches.</summary>
public sealed class StreamEndTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_shutdown_with_500_idle_watches_Takes_less_than_five_seconds_and_ends_each_with_DRAINING()
    {
        await using var server = await TestServer.StartAsync(_folder.Path);
        using var client = server.Client("org");
        var watches = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => WatchProbe.OpenAsync(client)));

        var clock = Stopwatch.StartNew();
        await server.StopAsync();
        clock.Stop();

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        foreach (var watch in watches)
        {
            await Refusal.OfAsync(ErrorReason.Draining, watch.NextAsync);
            watch.Dispose();
        }
    }

    [Fact]
    public async Task A_server_that_shuts_down_Is_not_ready_and_logs_no_error()
    {
        // Dispose asserts that nothing was logged as an error.
        await using var server = await TestServer.StartAsync(_folder.Path);
        var health = server.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);

        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task Readers_that_accept_nothing_Are_ended_and_can_resume_on_their_connections_while_others_go_on()
    {
        await using var server =
            await TestServer.StartAsync(_folder.Path, settings: new Dictionary<string, string?> { ["Watch:WriteTimeout"] = "00:00:03" });
        using var client = server.Client("org");
        using var fast = await WatchProbe.OpenAsync(client);
        // Many readers: after a stream has ended, the server's remaining work races with the next call on the connection.
        var slowClients = Enumerable.Range(0, 40).Select(_ => server.Client("org")).ToList();
        var slow = await Task.WhenAll(slowClients.Select(slowClient => WatchProbe.OpenAsync(slowClient)));
        var large = Sample.AgentTask();
        large.Description = new string('x', 60_000);
        const int changes = 40;
        var reading = fast.UntilAsync(changes);
        for (var i = 0; i < changes; i++)
        {
            await client.CreateAgentTaskAsync(large);
        }

        await reading;

        await SlowReadersEndedAsync(server);
        var read = await Task.WhenAll(slow.Zip(slowClients, (watch, slowClient) => ReadOnAsync(watch, slowClient, changes)));
        Assert.All(read, events => Assert.Equal(fast.Events, events));
        slowClients.ForEach(slowClient => slowClient.Dispose());
    }

    [Fact]
    public async Task A_reader_that_pauses_on_small_changes_Takes_nothing_from_others_on_its_connection()
    {
        // Longer than Kestrel's default time to cut a connection for one slow stream.
        await using var server =
            await TestServer.StartAsync(_folder.Path, settings: new Dictionary<string, string?> { ["Watch:WriteTimeout"] = "00:00:09" });
        using var client = server.Client("org");
        using var writer = server.Client("org");
        using var paused = await WatchProbe.OpenAsync(client);
        using var other = await WatchProbe.OpenAsync(client,
            new WatchRequest
            {
                Kinds = { ResourceKind.BoardTask },
                HeartbeatInterval = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(1))
            });
        var changes = 0;
        while (server.OpenWatches > 1)
        {
            var sample = Sample.AgentTask();
            sample.Description = new string('x', 1000);
            await writer.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(sample, 20) } });
            changes++;
            await other.UntilAsync(changes);
        }

        await Refusal.OfAsync(ErrorReason.SlowReader, paused.UntilEndAsync);
        await writer.CreateBoardTaskAsync();
        await other.UntilCountAsync(1);
    }

    [Fact]
    public async Task More_watches_than_the_server_is_to_hold_Are_refused_until_one_is_closed()
    {
        await using var server =
            await TestServer.StartAsync(_folder.Path, settings: new Dictionary<string, string?> { ["Watch:MaxOpen"] = "2" });
        using var client = server.Client("org");
        using var first = await WatchProbe.OpenAsync(client);
        using (await WatchProbe.OpenAsync(client))
        {
            await Refusal.OfAsync(ErrorReason.WatchLimit, () => WatchProbe.OpenAsync(client));
        }

        // The server notices the closed connection a moment later.
        while (await Record.ExceptionAsync(async () => (await WatchProbe.OpenAsync(client)).Dispose()) is not null)
        {
        }
    }

    [Fact]
    public async Task A_full_queue_Refuses_with_the_time_to_come_back()
    {
        await using var server = await TestServer.StartAsync(
            _folder.Path, settings: new Dictionary<string, string?> { ["Storage:CommandQueue"] = "1", ["Storage:CommitBatch"] = "1" });
        using var client = server.Client("org");
        var outcomes =
            await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Record.ExceptionAsync(() => client.CreateAgentTaskAsync()).AsTask()));

        var refusals = outcomes.OfType<TaskGrpcException>().ToArray();
        Assert.NotEmpty(refusals);
        Assert.All(refusals,
            refusal => Assert.Equal((ErrorReason.Overloaded, StatusCode.Unavailable), (refusal.Reason, refusal.StatusCode)));
        Assert.All(refusals, refusal => Assert.NotNull(refusal.RetryDelay));
        Assert.Equal(200 - refusals.Length, (await client.AgentTasks.ListAgentTasksAsync(new())).Revision);

        using var patient = server.Client("org", maxAttempts: 10);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => patient.CreateAgentTaskAsync()));
    }

    private static async Task SlowReadersEndedAsync(TestServer server)
    {
        while (server.OpenWatches > 1)
        {
            await BackOff.WaitAsync();
        }
    }

    /// <summary>Reads the rest of a slow watch's messages and its status, and resumes it at once.</summary>
    private static async Task<List<WatchEvent>> ReadOnAsync(WatchProbe slow, TaskGrpcClient client, long revision)
    {
        var refusal = await Refusal.OfAsync(ErrorReason.SlowReader, slow.UntilEndAsync);
        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        var token = slow.Messages.Last(message => message.ResumeToken.Length > 0).ResumeToken;
        using var resumed = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = token });
        await resumed.UntilAsync(revision);
        return [.. slow.Events, .. resumed.Events];
    }
}
