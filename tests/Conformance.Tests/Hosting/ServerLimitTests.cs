using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hosting;

/// <summary>How much callers may make the server hold and do: each limit is an option, and above it there is a clear refusal.</summary>
public sealed class ServerLimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Calls_beyond_the_organizations_rate_Get_the_time_to_wait_and_others_are_served()
    {
        await using var server = await StartAsync(("Limits:RequestsPerSecond", "5"));
        using TaskGrpcClient busy = server.Client("busy"), other = server.Client("other");
        var refusals = 0;
        for (var i = 0; i < 40; i++)
        {
            try
            {
                await busy.AgentTasks.ListAgentTasksAsync(new());
            }
            catch (TaskGrpcException exception)
            {
                Assert.Equal((StatusCode.ResourceExhausted, ErrorReason.RateLimited), (exception.StatusCode, exception.Reason));
                refusals++;
                // The delay puts this call after the calls refused before it, and not later.
                Assert.InRange(exception.RetryDelay!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds((200 * refusals) + 1));
            }
        }

        Assert.InRange(refusals, 1, 35);
        await other.AgentTasks.ListAgentTasksAsync(new());
        // Health calls have no caller, so they use up no caller's limit.
        for (var i = 0; i < 20; i++)
        {
            await HealthAsync(server);
        }
    }

    [Fact]
    public async Task Calls_beyond_the_rate_beside_others_Are_served_until_others_call_and_again_after_the_given_wait()
    {
        await using var server = await StartAsync(("Limits:RequestsPerSecondBesideOthers", "5"));
        using TaskGrpcClient busy = server.Client("busy"), other = server.Client("other");
        for (var i = 0; i < 40; i++)
        {
            await busy.AgentTasks.ListAgentTasksAsync(new());
        }

        await other.AgentTasks.ListAgentTasksAsync(new());

        var refused = await Assert.ThrowsAsync<TaskGrpcException>(async () =>
        {
            for (var i = 0; i < 40; i++)
            {
                await busy.AgentTasks.ListAgentTasksAsync(new());
            }
        });
        Assert.Equal(ErrorReason.RateLimited, refused.Reason);
        await Task.Delay(
            refused.RetryDelay!.Value + TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        await busy.AgentTasks.ListAgentTasksAsync(new());
        await other.AgentTasks.ListAgentTasksAsync(new());
    }

    [Fact]
    public async Task Watches_Are_counted_for_each_organization_and_each_caller()
    {
        await using var server = await StartAsync(("Watch:MaxOpenPerOrganization", "3"), ("Watch:MaxOpenPerCaller", "2"));
        using TaskGrpcClient anna = server.Client("org"), bob = server.Client("org", "bob"), other = server.Client("other");
        var first = await WatchProbe.OpenAsync(anna);
        using var second = await WatchProbe.OpenAsync(anna);
        await Refusal.OfAsync(ErrorReason.WatchLimit, () => WatchProbe.OpenAsync(anna));
        using var third = await WatchProbe.OpenAsync(bob);
        await Refusal.OfAsync(ErrorReason.WatchLimit, () => WatchProbe.OpenAsync(bob));
        await Refusal.OfAsync(
            ErrorReason.WatchLimit, () => bob.Changes.ListChangesAsync(new() { Wait = new() { Seconds = 1 } }).ResponseAsync);
        using var elsewhere = await WatchProbe.OpenAsync(other);

        first.Dispose();
        while (server.OpenWatches > 3)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        using var again = await WatchProbe.OpenAsync(bob);
    }

    [Fact]
    public async Task A_watch_of_more_ids_than_the_server_takes_Is_refused()
    {
        await using var server = await StartAsync(("Watch:MaxIds", "2"));
        using var client = server.Client("org");
        string[] ids = [.. Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString())];
        await Refusal.OfFieldsAsync(() => client.Changes.ListChangesAsync(new() { Ids = { ids } }).ResponseAsync, "ids");
        await Refusal.OfFieldsAsync(() => WatchProbe.OpenAsync(client, new WatchRequest { Ids = { ids } }), "ids");
        Assert.Empty((await client.Changes.ListChangesAsync(new() { Ids = { ids[..2] } })).Events);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3600)]
    public async Task A_call_with_any_deadline_Takes_no_longer_than_the_server_allows(int? seconds)
    {
        await using var server = await StartAsync(("Limits:LongestCall", "00:00:01"));
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(server.Grpc);
        var changes = new WatchService.WatchServiceClient(channel);
        var deadline = seconds is { } given ? TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(given) : (DateTime?)null;
        var exception = await Assert.ThrowsAsync<RpcException>(() =>
            changes.ListChangesAsync(new() { Wait = new() { Seconds = 60 } }, deadline: deadline).ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
    }

    [Fact]
    public async Task A_watch_Outlasts_the_longest_call()
    {
        await using var server = await StartAsync(("Limits:LongestCall", "00:00:01"));
        using var client = server.Client("org");
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { HeartbeatInterval = new() { Seconds = 1 } });
        for (var heartbeats = 0; heartbeats < 3; heartbeats++)
        {
            await watch.NextAsync();
        }
    }

    [Theory]
    [InlineData("Limits:UnidentifiedStreams")]
    [InlineData("Limits:UnidentifiedStreamsPerAddress")]
    public async Task Streams_that_need_no_identity_Are_counted_and_leave_the_callers_own_alone(string limit)
    {
        await using var server = await StartAsync((limit, "2"));
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(server.Grpc);
        var health = new Health.HealthClient(channel);
        var reflection = new ServerReflection.ServerReflectionClient(channel);
        using var client = server.Client("org");
        using var first = health.Watch(new());
        Assert.True(await first.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        using (var second = reflection.ServerReflectionInfo())
        {
            await AskAsync(second);
            // The test only reads: a write during the refusal would fail with a cancellation instead of the refusal.
            using var third = health.Watch(new());
            using var fourth = reflection.ServerReflectionInfo();
            foreach (var refused in new Func<Task>[] { () => third.ResponseStream.MoveNext(TestContext.Current.CancellationToken),
                () => fourth.ResponseStream.MoveNext(TestContext.Current.CancellationToken) })
            {
                Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(refused)).StatusCode);
            }

            // A call that is answered at once takes no slot, and watches have their own limit.
            await health.CheckAsync(new());
            using var watch = await WatchProbe.OpenAsync(client);
            await second.RequestStream.CompleteAsync();
            Assert.False(await second.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        }

        using var next = reflection.ServerReflectionInfo();
        await AskAsync(next);
    }

    [Fact]
    public async Task A_request_larger_than_the_server_takes_Is_refused()
    {
        await using var server = await StartAsync(("Limits:RequestBytes", "65536"));
        using var client = server.Client("org");
        var exception = await Assert.ThrowsAsync<TaskGrpcException>(() =>
            client.AgentTasks.CreateAgentTaskAsync(
                new() { AgentTask = new() { Title = "t", Description = new string('x', 70_000) } }).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
        await client.CreateAgentTaskAsync();
    }

    [Theory]
    [InlineData("8192", 1, 10_000)]
    [InlineData("8192", 1, 31_000)]
    [InlineData("8192", 90, 80)]
    [InlineData("32768", 1, 40_000)]
    [InlineData("32768", 101, 1)]
    [InlineData("32768", 390, 1)]
    public async Task Metadata_larger_than_the_server_takes_Costs_its_sender_that_one_call_and_not_the_connection(
        string bytes, int entries, int length)
    {
        await using var server = await StartAsync(("Limits:MetadataBytes", bytes));
        using var client = OneConnection(server);
        using var watch = await WatchProbe.OpenAsync(client);
        var large = new Metadata();
        for (var i = 0; i < entries; i++)
        {
            large.Add($"x-large-{i}", new string('x', length));
        }

        var refused = await Assert.ThrowsAsync<TaskGrpcException>(() => client.AgentTasks.ListAgentTasksAsync(new(), large).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Contains($"exceeds {bytes} bytes or 100 entries", refused.Status.Detail, StringComparison.Ordinal);

        var task = await client.CreateAgentTaskAsync();
        await watch.UntilCountAsync(1);
        Assert.Equal(task, watch.Events.Last().Change.AgentTask);
    }

    [Fact]
    public async Task Metadata_that_just_fits_Is_taken()
    {
        await using var server = await StartAsync(("Limits:MetadataBytes", "8192"));
        using var client = server.Client("org");
        Assert.Empty(
            (await client.AgentTasks.ListAgentTasksAsync(new(), new Metadata { { "x-large", new string('x', 7000) } })).AgentTasks);
    }

    [Fact]
    public async Task Headers_larger_than_the_server_takes_Are_refused_over_HTTP_too()
    {
        await using var server = await StartAsync(("Limits:MetadataBytes", "8192"));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Http, "/healthz"));
        request.Headers.Add("x-large", new string('x', 10_000));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await http.SendAsync(request)).StatusCode);
        await HealthAsync(server);
    }

    [Fact]
    public async Task A_connection_full_of_watches_Answers_calls_and_refuses_the_next_watch()
    {
        await using var server = await StartAsync();
        using var client = OneConnection(server);
        var most = new TaskGrpc.Server.Watching.WatchOptions().MaxOpenPerCaller;
        var watches = await Task.WhenAll(Enumerable.Range(0, most).Select(_ => WatchProbe.OpenAsync(client)));
        var task = await client.CreateAgentTaskAsync();
        await Refusal.OfAsync(ErrorReason.WatchLimit, () => WatchProbe.OpenAsync(client));
        Assert.Equal(task, await client.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }));
        foreach (var watch in watches)
        {
            watch.Dispose();
        }
    }

    [Theory]
    [InlineData("2000", "2000")]
    [InlineData("2099", "2000")]
    [InlineData("100", "1")]
    public async Task Streams_that_leave_no_room_beside_the_watches_Keep_the_server_from_starting(string streams, string watches)
    {
        var start = () => StartAsync(("Limits:StreamsPerConnection", streams), ("Watch:MaxOpenPerCaller", watches));
        var refusal = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(start);
        Assert.Contains(
            "Limits:StreamsPerConnection must exceed Watch:MaxOpenPerCaller by at least 100", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_Carries_as_many_streams_as_the_server_allows()
    {
        await using var server = await StartAsync(("Limits:StreamsPerConnection", "101"), ("Watch:MaxOpenPerCaller", "1"));
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(server.Grpc, new() { HttpHandler = handler });
        var changes = new WatchService.WatchServiceClient(channel);
        // Each watch has its own caller, so the limit per caller allows it.
        var watches = Enumerable.Range(0, 101).Select(i => changes.Watch(new(), new Metadata { { "x-actor-id", $"actor-{i}" } })).ToList();
        await Task.WhenAll(watches.Select(watch => watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken)));
        var waiting = changes.ListChangesAsync(new()).ResponseAsync;
        using (var elsewhere = server.Client("org"))
        {
            // The server serves another connection meanwhile.
            await elsewhere.AgentTasks.ListAgentTasksAsync(new());
        }

        Assert.False(waiting.IsCompleted);
        watches[0].Dispose();
        Assert.Empty((await waiting).Events);
        watches.ForEach(watch => watch.Dispose());
    }

    [Fact]
    public async Task Connections_beyond_the_limit_Are_closed_and_accepted_again_after_one_has_closed()
    {
        await using var server = await StartAsync(("Limits:Connections", "2"));
        var first = new RawConnection(server.Grpc);
        await using var second = new RawConnection(server.Grpc);
        await first.SayHelloAsync();
        await second.SayHelloAsync();
        await using (var third = new RawConnection(server.Grpc))
        {
            await third.UntilClosedAsync();
        }

        await first.DisposeAsync();
        using var client = server.Client("org", maxAttempts: 5);
        await client.CreateAgentTaskAsync();
    }

    [Fact]
    public async Task A_connection_that_says_nothing_Is_closed()
    {
        await using var server = await StartAsync(("Limits:IdleConnection", "00:00:01"));
        await using var silent = new RawConnection(server.Grpc);
        await using var slow = new RawConnection(server.Grpc);
        await slow.SendAsync("PRI * HT"u8.ToArray());
        await silent.UntilClosedAsync();
        await slow.UntilClosedAsync();
    }

    [Fact]
    public async Task Invalid_limits_Keep_the_server_from_starting()
    {
        var exception = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            StartAsync(("Limits:Connections", "0"), ("Limits:LongestCall", "00:00:00")));
        Assert.Contains("Limits:Connections must be", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Limits:LongestCall must be", exception.Message, StringComparison.Ordinal);
    }

    private static async Task AskAsync(AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call)
    {
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
    }

    private static async Task HealthAsync(TestServer server)
    {
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(server.Http, "/readyz"))).StatusCode);
    }

    private Task<TestServer> StartAsync(params (string Key, string Value)[] settings) =>
        TestServer.StartAsync(_folder.Path, settings: settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));

    private static TaskGrpcClient OneConnection(TestServer server) => new(new TaskGrpcClientOptions
    {
        Address = server.Grpc,
        ConfigureHandler = handler => handler.EnableMultipleHttp2Connections = false,
        MaxAttempts = 1,
    });
}
