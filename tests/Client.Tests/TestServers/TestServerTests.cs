using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using TaskGrpc.Testing;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests.TestServers;

/// <summary>The server of the package TaskGrpc.Testing: its starts, callers, restarts and ends.</summary>
public sealed class TestServerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_line_Starts_a_server_without_a_socket()
    {
        await using var server = await TaskGrpcTestServer.StartAsync();
        var task = await server.Client.CreateAgentTaskAsync();
        Assert.Equal("default", task.OrganizationId);
        Assert.Equal([task], await server.Client.ListAgentTasksAsync().ToListAsync(Stop));
        Assert.Contains("UseSocket", Assert.Throws<InvalidOperationException>(() => server.Address).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_servers_that_start_at_once_Share_nothing()
    {
        var withSocket = TaskGrpcTestServer.StartAsync(options => options.UseSocket = true);
        var servers = await Task.WhenAll(TaskGrpcTestServer.StartAsync(), withSocket);
        await using var first = servers[0];
        await using var second = servers[1];
        await first.Client.CreateAgentTaskAsync();
        first.Clock.Advance(TimeSpan.FromHours(1));
        Assert.NotEqual(first.DataDirectory, second.DataDirectory);
        Assert.Equal(TimeSpan.Zero, second.Clock.Ahead);
        Assert.Empty(await second.Client.ListAgentTasksAsync().ToListAsync(Stop));
        await second.RestartAsync(Stop);
        Assert.Single(await first.Client.ListAgentTasksAsync().ToListAsync(Stop));
    }

    [Fact]
    public async Task A_client_Has_the_organization_and_the_actor_that_the_test_names()
    {
        await using var server = await TaskGrpcTestServer.StartAsync();
        var worker = server.CreateClient("acme", "worker-1", ActorType.Agent);
        var task = await worker.CreateAgentTaskAsync();
        var change = Assert.Single((await worker.Changes.ListChangesAsync(new())).Events).Change;
        Assert.Equal(("acme", new Actor { Id = "worker-1", Type = ActorType.Agent }), (task.OrganizationId, change.Actor));
        Assert.Empty(await server.Client.ListAgentTasksAsync().ToListAsync(Stop));
        Assert.Equal(ActorType.Service, (await ActorOfAsync(server.CreateClient("acme", "billing", ActorType.Service))).Type);
        Assert.Equal(new Actor { Id = "anonymous", Type = ActorType.User }, await ActorOfAsync(server.Client));
        Assert.Throws<ArgumentOutOfRangeException>(() => server.CreateClient("acme", "worker-1", ActorType.System));

        static async Task<Actor> ActorOfAsync(TaskGrpcClient client)
        {
            var created = await client.CreateAgentTaskAsync();
            return (await client.Changes.ListChangesAsync(new() { Ids = { created.Id } })).Events[0].Change.Actor;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restart_Keeps_the_data_and_a_watch_resumes(bool useSocket)
    {
        await using var server = await TaskGrpcTestServer.StartAsync(options => options.UseSocket = useSocket);
        var address = useSocket ? server.Address : null;
        var task = await server.Client.CreateAgentTaskAsync();
        await using var events = server.Client.WatchAsync(new WatchRequest { AfterRevision = 0 }).Events().GetAsyncEnumerator(Stop);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(1, events.Current.Change.Revision);

        await server.RestartAsync(Stop);
        Assert.Equal(address, useSocket ? server.Address : null);
        Assert.Equal(task, await server.Client.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }));
        await server.Client.TransitionAsync(task, AgentTaskStatus.Canceled);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal((2, AgentTaskStatus.Canceled), (events.Current.Change.Revision, events.Current.Change.AgentTask.Status));
    }

    [Fact]
    public async Task A_call_during_a_restart_Is_answered_after_it()
    {
        await using var server = await TaskGrpcTestServer.StartAsync();
        var restart = server.RestartAsync(Stop);
        var created = await server.Client.CreateAgentTaskAsync();
        await restart;
        Assert.Equal(created, await server.Client.AgentTasks.GetAgentTaskAsync(new() { Id = created.Id }));
    }

    [Fact]
    public async Task A_socket_Is_reached_by_a_plain_channel()
    {
        await using var server = await TaskGrpcTestServer.StartAsync(options => options.UseSocket = true);
        using var channel = GrpcChannel.ForAddress(server.Address);
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        var created = await tasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask() });
        Assert.Equal(created, await server.Client.AgentTasks.GetAgentTaskAsync(new() { Id = created.Id }));
        var inProcess = new AgentTaskService.AgentTaskServiceClient(server.Invoker);
        Assert.Equal(created, await inProcess.GetAgentTaskAsync(new() { Id = created.Id }));
        server.Clock.Advance(TimeSpan.FromDays(2));
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1);
        Assert.Equal(created, await tasks.GetAgentTaskAsync(new() { Id = created.Id }, deadline: deadline));
    }

    [Fact]
    public async Task Settings_Reach_the_server_and_an_unknown_one_stops_the_start_and_leaves_no_folder()
    {
        await using (var server = await TaskGrpcTestServer.StartAsync(options => options.Settings["Limits:RequestBytes"] = "65536"))
        {
            var large = Sample.AgentTask();
            large.Description = new string('x', 65536);
            var refused = await Assert.ThrowsAsync<TaskGrpcException>(() => server.Client.CreateAgentTaskAsync(large));
            Assert.Equal(Grpc.Core.StatusCode.ResourceExhausted, refused.StatusCode);
        }

        using var parent = new TemporaryFolder();
        foreach (var (key, value) in new[] { ("Limits:RequestByte", "65536"), ("Limits:RequestBytes", "1") })
        {
            var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => TaskGrpcTestServer.StartAsync(options =>
            {
                options.TemporaryDirectory = parent.Path;
                options.Settings[key] = value;
            }));
            Assert.Contains("Limits:RequestBytes", failure.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => TaskGrpcTestServer.StartAsync(options =>
        {
            options.TemporaryDirectory = parent.Path;
            options.LoggerFactory = new FailingLogs();
        }));
        Assert.Empty(Directory.GetFileSystemEntries(parent.Path));
    }

    [Fact]
    public async Task A_start_that_is_cancelled_Throws_and_leaves_no_folder()
    {
        using var parent = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var hadFolder = false;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TaskGrpcTestServer.StartAsync(
            options =>
            {
                options.TemporaryDirectory = parent.Path;
                options.Log = _ =>
                {
                    if (Directory.EnumerateFileSystemEntries(parent.Path).Any())
                    {
                        hadFolder = true;
                        stop.Cancel();
                    }
                };
                options.Settings["Logging:LogLevel:Default"] = "Debug";
                options.Settings["Logging:LogLevel:Microsoft"] = "Debug";
            },
            stop.Token));
        Assert.True(hadFolder);
        Assert.Empty(Directory.GetFileSystemEntries(parent.Path));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TaskGrpcTestServer.StartAsync(cancellationToken: new(canceled: true)));
    }

    [Fact]
    public async Task Dispose_Deletes_the_data_ends_the_clients_and_may_come_twice()
    {
        using var parent = new TemporaryFolder();
        var server = await TaskGrpcTestServer.StartAsync(options => options.TemporaryDirectory = parent.Path);
        Assert.StartsWith(parent.Path, server.DataDirectory, StringComparison.Ordinal);
        var client = server.CreateClient("acme");
        await client.CreateAgentTaskAsync();
        Assert.NotEmpty(Directory.GetFiles(server.DataDirectory, "*.db"));
        await Task.WhenAll(server.DisposeAsync().AsTask(), server.DisposeAsync().AsTask());
        await server.DisposeAsync();
        Assert.Empty(Directory.GetFileSystemEntries(parent.Path));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.CreateAgentTaskAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => server.RestartAsync(Stop));
        Assert.Throws<ObjectDisposedException>(() => server.CreateClient());
    }

    [Fact]
    public async Task A_restart_that_is_cancelled_Leaves_the_server_stopped_until_the_next()
    {
        await using var server = await TaskGrpcTestServer.StartAsync();
        var task = await server.Client.CreateAgentTaskAsync();
        using var stop = new CancellationTokenSource();
        var restart = server.RestartAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => restart);
        await server.RestartAsync(Stop);
        Assert.Equal(task, await server.Client.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }));
    }

    [Fact]
    public async Task The_log_Goes_where_the_test_says_and_a_failing_sink_stops_nothing()
    {
        var lines = new ConcurrentQueue<string>();
        await using (var server = await TaskGrpcTestServer.StartAsync(options =>
        {
            options.Settings["Logging:LogLevel:Default"] = "Debug";
            options.Settings["Logging:LogLevel:Microsoft"] = "Debug";
            options.Log = lines.Enqueue;
        }))
        {
            Assert.Contains(lines, line => line.StartsWith("Debug Microsoft.Extensions.Hosting", StringComparison.Ordinal));
        }

        await using var deaf = await TaskGrpcTestServer.StartAsync(options =>
        {
            options.Settings["Logging:LogLevel:Microsoft"] = "Debug";
            options.Log = _ => throw new InvalidOperationException("There is no currently active test.");
        });
        await deaf.Client.CreateAgentTaskAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_culture_of_the_test_Does_not_reach_the_server(bool useSocket)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "minus ";
        CultureInfo.CurrentCulture = culture;
        await using var server = await TaskGrpcTestServer.StartAsync(options => options.UseSocket = useSocket);
        var task = Sample.AgentTask();
        task.SourceType = (SourceType)(-7);
        var refusal = await Assert.ThrowsAsync<TaskGrpcException>(() => server.Client.CreateAgentTaskAsync(task));
        Assert.Contains("unknown number -7", Assert.Single(refusal.FieldViolations).Description, StringComparison.Ordinal);
        Assert.Same(culture, CultureInfo.CurrentCulture);
    }

    /// <summary>Fails in the middle of a start.</summary>
    private sealed class FailingLogs : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("TaskGrpc", StringComparison.Ordinal)
            ? throw new IOException("The log is not there.")
            : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public void Dispose()
        {
        }
    }
}
