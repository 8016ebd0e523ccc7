using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>Which failures the client retries, and for how long.</summary>
public sealed class CallRetryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_call_Survives_a_restart_of_the_server_and_none_is_done_twice()
    {
        using var folder = new TemporaryFolder();
        using var process = new ServerProcess(folder.Path);
        await process.StartAsync();
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = process.Address, CallTimeout = Limit });
        await client.CreateAgentTaskAsync();

        await process.KillAsync();
        var calls = Enumerable.Range(0, 20).Select(_ => client.CreateAgentTaskAsync()).ToArray();
        await process.StartAsync();

        await Task.WhenAll(calls).WaitAsync(Limit);
        Assert.Equal(21, await client.ListAgentTasksAsync().CountAsync());
    }

    [Fact]
    public async Task A_frozen_server_Is_unavailable_and_calls_and_watches_go_on_when_it_is_back()
    {
        using var folder = new TemporaryFolder();
        using var process = new ServerProcess(folder.Path);
        await process.StartAsync();
        using var client = Pinging(process.Address);
        using var stands = new SemaphoreSlim(0);
        using var cut = new SemaphoreSlim(0);
        var options = new TaskGrpcWatchOptions
        {
            OnCut = (failure, _) =>
            {
                Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
                cut.Release();
            },
            OnStanding = () => stands.Release(),
        };
        var standing = client.WatchAsync(new() { AfterRevision = 0 }, options).Events().FirstAsync().AsTask();
        Assert.True(await stands.WaitAsync(Limit));

        await process.FreezeAsync();
        // An open watch, a watch opened while the server hangs, and a call.
        var beginning = client.WatchAsync(new() { AfterRevision = 0 }, options).Events().FirstAsync().AsTask();
        var call = client.CreateAgentTaskAsync();
        for (var i = 0; i < 2; i++)
        {
            Assert.True(await cut.WaitAsync(Limit));
        }

        await process.ThawAsync();
        var task = await call.WaitAsync(Limit);
        Assert.Equal(task.Id, (await standing.WaitAsync(Limit)).Change.AgentTask.Id);
        Assert.Equal(task.Id, (await beginning.WaitAsync(Limit)).Change.AgentTask.Id);
        Assert.Equal(1, await client.ListAgentTasksAsync().CountAsync());
    }

    [Theory]
    [InlineData("reset", 0)]
    [InlineData("reset", 1)]
    [InlineData("reset", 2)]
    [InlineData("reset", 7)]
    [InlineData("reset", 8)]
    [InlineData("no status", 0)]
    [InlineData("cut", 0)]
    [InlineData("503", 0)]
    public async Task A_connection_lost_in_any_way_Is_made_again(string how, int code)
    {
        await using var server = await ScriptedServer.StartAsync((call, number) =>
            number > 1 ? AnswerAsync(call) : LoseAsync(call, how, code));
        using var client = Quick(server.Address);
        await client.CreateAgentTaskAsync();
        // HTTP itself also retries a refused stream (7), but without the request, which this server refuses.
        Assert.Equal(code == 7 ? 3 : 2, server.Calls);
    }

    [Theory]
    [InlineData(11, StatusCode.ResourceExhausted)]
    [InlineData(12, StatusCode.PermissionDenied)]
    [InlineData(13, StatusCode.Internal)]
    public async Task A_refusal_of_the_request_itself_Is_not_retried(int code, StatusCode status)
    {
        await using var server = await ScriptedServer.StartAsync((call, _) => LoseAsync(call, "reset", code));
        using var client = Quick(server.Address);
        Assert.Equal(status, (await Assert.ThrowsAsync<TaskGrpcException>(() => client.CreateAgentTaskAsync())).StatusCode);
        Assert.Equal(1, server.Calls);
    }

    [Fact]
    public async Task A_request_of_any_size_Is_sent_again_whole()
    {
        var sizes = new List<int>();
        await using var server = await ScriptedServer.StartAsync(async (call, number) =>
        {
            sizes.Add((await ScriptedServer.ReadAsync(call)).Length);
            await (number == 1 ? ScriptedServer.EndAsync(call, StatusCode.Unavailable, "Not yet.") : AnswerAsync(call));
        });
        using var client = Quick(server.Address);
        // More than gRPC's own retry buffers for a call.
        await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = new() { Description = new string('x', 6 * 1024 * 1024) } });
        Assert.Equal([sizes[0], sizes[0]], sizes);
    }

    [Fact]
    public async Task The_deadline_Ends_the_tries_with_the_last_failure_and_not_much_before()
    {
        await using var server = await ScriptedServer.StartAsync((call, _) =>
            ScriptedServer.EndAsync(call, StatusCode.Unavailable, "Not yet."));
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = server.Address,
            CallTimeout = TimeSpan.FromSeconds(2),
            InitialBackoff = TimeSpan.FromMilliseconds(50),
        });
        var began = TimeProvider.System.GetTimestamp();
        var failure = await Assert.ThrowsAsync<TaskGrpcException>(() => client.CreateAgentTaskAsync());

        // On a busy machine the deadline may end an attempt; the error then has the cause of the attempt before it.
        Assert.Contains(failure.StatusCode, new[] { StatusCode.Unavailable, StatusCode.DeadlineExceeded });
        Assert.EndsWith("Not yet.", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Matches(@"attempt \d+\)$", failure.Message);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 1.5, 60);
        // Waits from 50 ms, doubled each time, and halved again as the deadline comes near.
        Assert.InRange(server.Calls, 2, 20);
    }

    [Fact]
    public async Task MaxAttempts_Ends_the_tries_sooner()
    {
        await using var server = await ScriptedServer.StartAsync((call, _) =>
            ScriptedServer.EndAsync(call, StatusCode.Unavailable, "Not yet."));
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = server.Address,
            MaxAttempts = 3,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
        });
        await Assert.ThrowsAsync<TaskGrpcException>(() => client.CreateAgentTaskAsync());
        Assert.Equal(3, server.Calls);
    }

    [Fact]
    public async Task A_wait_longer_than_the_calls_deadline_Ends_the_call_at_once()
    {
        var info = new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)) };
        var details = new Google.Rpc.Status { Details = { Any.Pack(info) } };
        await using var server = await ScriptedServer.StartAsync((call, _) =>
            ScriptedServer.EndAsync(call, StatusCode.Unavailable, "Busy.", Convert.ToBase64String(details.ToByteArray())));
        using var client = Quick(server.Address);
        Assert.Equal(
            TimeSpan.FromMinutes(1),
            (await Assert.ThrowsAsync<TaskGrpcException>(() => client.CreateAgentTaskAsync())).RetryDelay);
        Assert.Equal(1, server.Calls);
    }

    [Fact]
    public async Task A_request_that_is_changed_after_the_call_Was_copied_before()
    {
        var titles = new List<string>();
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await ScriptedServer.StartAsync(async (call, number) =>
        {
            await changed.Task;
            var body = await ScriptedServer.ReadAsync(call);
            titles.Add(CreateAgentTaskRequest.Parser.ParseFrom(body, 5, body.Length - 5).AgentTask.Title);
            await (number == 1 ? ScriptedServer.EndAsync(call, StatusCode.Unavailable, "Not yet.") : AnswerAsync(call));
        });
        using var client = Quick(server.Address);
        var request = new CreateAgentTaskRequest { AgentTask = new() { Title = "before" }, RequestId = Guid.NewGuid().ToString() };
        var call = client.AgentTasks.CreateAgentTaskAsync(request);
        request.AgentTask.Title = "after";
        changed.SetResult();
        await call;
        Assert.Equal(["before", "before"], titles);
    }

    private static async Task LoseAsync(HttpContext call, string how, int code)
    {
        switch (how)
        {
            case "reset":
                call.Features.Get<IHttpResetFeature>()!.Reset(code);
                break;
            case "cut":
                call.Abort();
                break;
            case "503":
                (call.Response.StatusCode, call.Response.ContentType) = (503, "text/html");
                break;
            default:
                // An end without trailers, as from a proxy that drops them.
                await ScriptedServer.SendAsync(call, new AgentTask());
                break;
        }
    }

    private static async Task AnswerAsync(HttpContext call)
    {
        await ScriptedServer.SendAsync(call, new AgentTask());
        await ScriptedServer.EndAsync(call, StatusCode.OK);
    }

    private static TaskGrpcClient Quick(Uri address) =>
        new(new TaskGrpcClientOptions { Address = address, InitialBackoff = TimeSpan.FromMilliseconds(1) });

    /// <summary>A client that detects a dead connection with the fastest HTTP/2 pings.</summary>
    private static TaskGrpcClient Pinging(Uri address) => new(new TaskGrpcClientOptions
    {
        Address = address,
        ConfigureHandler = handler => handler.KeepAlivePingDelay = handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
        MaxBackoff = TimeSpan.FromMilliseconds(200),
    });
}
