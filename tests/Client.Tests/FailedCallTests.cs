using System.Collections.Concurrent;
using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>What a failed call leaves behind, and what its message says.</summary>
public sealed class FailedCallTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _cancel = new();

    public void Dispose() => _cancel.Dispose();

    [Fact]
    public async Task A_failed_call_Leaves_no_unobserved_exception_behind()
    {
        var mark = Guid.NewGuid().ToString();
        await using var server = await ScriptedServer.StartAsync((call, _) => ScriptedServer.EndAsync(call, StatusCode.NotFound, mark));
        await using var cutting = await ScriptedServer.StartAsync((call, _) =>
        {
            call.Features.Get<IHttpResetFeature>()!.Reset(13);
            return Task.CompletedTask;
        });
        var unobserved = new ConcurrentQueue<Exception>();
        void Listen(object? sender, UnobservedTaskExceptionEventArgs failure) => unobserved.Enqueue(failure.Exception);
        TaskScheduler.UnobservedTaskException += Listen;
        try
        {
            // In its own method, so that no local variable keeps a task alive.
            await FailAsync(server.Address);
            await FailAsync(cutting.Address);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Listen;
        }

        // Other tests run at the same time; the mark and the code identify this test's exceptions.
        Assert.DoesNotContain(
            unobserved,
            failure => failure.ToString() is var text
                && (text.Contains(mark, StringComparison.Ordinal) || text.Contains("HTTP_1_1_REQUIRED", StringComparison.Ordinal)));

        static async Task FailAsync(Uri address)
        {
            using var client = Client(address);
            for (var i = 0; i < 20; i++)
            {
                await Assert.ThrowsAsync<TaskGrpcException>(() => GetAsync(client));
                Assert.Throws<TaskGrpcException>(() => client.AgentTasks.GetAgentTask(new()));
                using var watch = client.Changes.Watch(new());
                await Assert.ThrowsAsync<TaskGrpcException>(() => watch.ResponseStream.MoveNext(CancellationToken.None));
                using var headers = client.AgentTasks.GetAgentTaskAsync(new());
                await ((Task)headers.ResponseHeadersAsync).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await Task.WhenAny(client.AgentTasks.GetAgentTaskAsync(new()).ResponseAsync);
        }
    }

    [Fact]
    public async Task A_refusal_Says_code_reason_method_and_address()
    {
        var details = Encode(Any.Pack(new ErrorInfo { Domain = "taskgrpc", Reason = "RESOURCE_NOT_FOUND" }));
        await using var server = await ScriptedServer.StartAsync((call, _) =>
            ScriptedServer.EndAsync(call, StatusCode.NotFound, "There is none.", details));
        using var client = Client(server.Address);

        var refused = await Assert.ThrowsAsync<TaskGrpcException>(() => GetAsync(client));
        Assert.Equal(
            $"There is none. (NOT_FOUND RESOURCE_NOT_FOUND, taskgrpc.v1.AgentTaskService/GetAgentTask at {Origin(server.Address)})",
            refused.Message);
        Assert.Equal("There is none.", refused.Status.Detail);
    }

    [Fact]
    public async Task A_deadline_Says_code_method_address_and_what_went_before()
    {
        await using var server = await ScriptedServer.StartAsync((call, number) =>
            number == 1
            ? ScriptedServer.EndAsync(call, StatusCode.Unavailable, "Not yet.")
            : ScriptedServer.HangAsync(call));
        using var client = Client(server.Address);

        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2);
        var late = await Assert.ThrowsAsync<TaskGrpcException>(
            () => client.AgentTasks.GetAgentTaskAsync(new(), deadline: deadline).ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        Assert.Matches(
            @"^No answer came before the deadline, \d+\.\d s after the call began\. The attempt before failed: Not yet\. "
                + @"\(DEADLINE_EXCEEDED, taskgrpc\.v1\.AgentTaskService/GetAgentTask at http://127\.0\.0\.1:\d+, attempt 2\)$",
            late.Message);
    }

    [Fact]
    public async Task A_dead_server_Is_named_with_its_address_and_the_cause()
    {
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = new Uri("http://127.0.0.1:1"), MaxAttempts = 1 });
        var dead = await Assert.ThrowsAsync<TaskGrpcException>(() => GetAsync(client));
        Assert.Equal((StatusCode.Unavailable, 1), (dead.StatusCode, dead.Message.Split("Connection refused").Length - 1));
        Assert.StartsWith(
            "The connection to http://127.0.0.1:1 was lost, or none could be made: ", dead.Message, StringComparison.Ordinal);
        Assert.Equal(
            dead.Status.Detail,
            (await Assert.ThrowsAsync<TaskGrpcException>(() => client.Changes.Watch(new()).ResponseStream.MoveNext())).Status.Detail);
    }

    [Theory]
    [InlineData("AAAA")]
    [InlineData("not base64!")]
    [InlineData("")]
    [InlineData("any")]
    [InlineData("duration")]
    public async Task Details_that_cannot_be_read_Leave_the_status_as_it_is(string details)
    {
        var sent = details switch
        {
            // A detail that is not a valid ErrorInfo.
            "any" => Encode(new Any { TypeUrl = "type.googleapis.com/google.rpc.ErrorInfo", Value = ByteString.CopyFrom(255, 255) }),
            // A duration beyond TimeSpan's range.
            "duration" => Encode(Any.Pack(new RetryInfo { RetryDelay = new Duration { Seconds = long.MaxValue, Nanos = -1 } })),
            _ => details,
        };
        await using var server = await ScriptedServer.StartAsync(async (call, number) =>
        {
            if (number > 1)
            {
                // In trailers, after the messages.
                await call.Response.StartAsync();
            }

            await ScriptedServer.EndAsync(call, StatusCode.FailedPrecondition, "No.", sent);
        });
        using var client = Client(server.Address);

        for (var i = 0; i < 2; i++)
        {
            var refused = await Assert.ThrowsAsync<TaskGrpcException>(() => GetAsync(client));
            Assert.Equal(
                (StatusCode.FailedPrecondition, "No.", ErrorReason.Unspecified, 0),
                (refused.StatusCode, refused.Status.Detail, refused.Reason, refused.Details.Count));
        }

        var ended = await Assert.ThrowsAsync<TaskGrpcException>(() => client.Changes.Watch(new()).ResponseStream.MoveNext(default));
        Assert.Equal((StatusCode.FailedPrecondition, "No."), (ended.StatusCode, ended.Status.Detail));
    }

    [Fact]
    public async Task The_request_id_of_a_mutation_Can_be_read_and_a_read_has_none()
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = await ScriptedServer.StartAsync(async (call, _) =>
        {
            var body = await ScriptedServer.ReadAsync(call);
            if (call.Request.Path.Value!.Contains("Create", StringComparison.Ordinal))
            {
                seen.Enqueue(CreateAgentTaskRequest.Parser.ParseFrom(body, 5, body.Length - 5).RequestId);
            }

            await ScriptedServer.EndAsync(call, StatusCode.Unavailable, "Not yet.");
        });
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = server.Address,
            MaxAttempts = 2,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
        });

        var lost = await Assert.ThrowsAsync<TaskGrpcException>(() => client.AgentTasks.CreateAgentTaskAsync(new()).ResponseAsync);
        Assert.Equal([lost.RequestId!, lost.RequestId!], seen);
        Assert.True(Guid.TryParse(lost.RequestId, out _));
        var own = Guid.NewGuid().ToString();
        Assert.Equal(own, Assert.Throws<TaskGrpcException>(() => client.AgentTasks.CreateAgentTask(new() { RequestId = own })).RequestId);
        Assert.Null((await Assert.ThrowsAsync<TaskGrpcException>(() => GetAsync(client))).RequestId);
    }

    [Fact]
    public async Task Cancelling_Is_an_OperationCanceledException_from_every_call()
    {
        await using var server = await ScriptedServer.StartAsync((call, _) => ScriptedServer.HangAsync(call));
        using var client = Client(server.Address);
        var token = _cancel.Token;
        (string Name, Func<Task> Call)[] calls =
        [
            ("get", () => client.AgentTasks.GetAgentTaskAsync(new(), cancellationToken: token).ResponseAsync),
            ("blocking get", () => Task.Run(() => client.AgentTasks.GetAgentTask(new(), cancellationToken: token))),
            ("list", () => client.ListAgentTasksAsync(cancellationToken: token).CountAsync().AsTask()),
            ("list with its own", () => client.ListAgentTasksAsync().CountAsync(token).AsTask()),
            ("wait", () => client.WaitUntilTerminalAsync("x", token)),
            ("watch", () => client.WatchAsync(cancellationToken: token).CountAsync().AsTask()),
            ("watch with its own", () => client.WatchAsync().CountAsync(token).AsTask()),
            ("bare watch", () => client.Changes.Watch(new(), cancellationToken: token).ResponseStream.MoveNext(default)),
            ("bare watch, next", () => client.Changes.Watch(new()).ResponseStream.MoveNext(token)),
        ];
        var running = calls.Select(call => call.Call()).ToArray();
        while (server.Calls < calls.Length)
        {
            await Task.Yield();
        }

        await _cancel.CancelAsync();
        for (var i = 0; i < calls.Length; i++)
        {
            var ended = await Record.ExceptionAsync(() => running[i].WaitAsync(Limit));
            Assert.True(ended is OperationCanceledException, $"{calls[i].Name}: {ended}");
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.AgentTasks.GetAgentTaskAsync(new(), cancellationToken: token).ResponseAsync);
    }

    [Fact]
    public async Task Cancelling_between_two_attempts_Is_one_too()
    {
        await using var server = await ScriptedServer.StartAsync((call, _) =>
            ScriptedServer.EndAsync(call, StatusCode.Unavailable, "Not yet."));
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = server.Address,
            InitialBackoff = Limit,
            MaxBackoff = Limit,
            CallTimeout = TimeSpan.FromMinutes(10),
        });
        var running = client.AgentTasks.GetAgentTaskAsync(new(), cancellationToken: _cancel.Token).ResponseAsync;
        using var disposed = client.AgentTasks.GetAgentTaskAsync(new());
        while (server.Calls < 2)
        {
            await Task.Yield();
        }

        await _cancel.CancelAsync();
        Assert.Equal(
            _cancel.Token,
            (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Limit))).CancellationToken);
        disposed.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => disposed.ResponseAsync.WaitAsync(Limit));
    }

    [Fact]
    public async Task Disposing_the_client_Cancels_what_is_under_way_and_promises_nothing_in_the_log()
    {
        await using var server = await ScriptedServer.StartAsync(async (call, _) =>
        {
            if (call.Request.Path.Value!.EndsWith("Watch", StringComparison.Ordinal))
            {
                await ScriptedServer.SendAsync(call, new WatchResponse());
            }

            await ScriptedServer.HangAsync(call);
        });
        var log = new LineLog();
        var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = server.Address, LoggerFactory = log });
        var get = GetAsync(client);
        var watch = client.WatchAsync().GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());
        var next = watch.MoveNextAsync().AsTask();
        while (server.Calls < 2)
        {
            await Task.Yield();
        }

        client.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get.WaitAsync(Limit));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Limit));
        Assert.Empty(log.Lines);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.WatchAsync().CountAsync().AsTask());
    }

    [Fact]
    public async Task A_call_after_Dispose_Ends_its_activity_with_the_error()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TaskGrpcTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var client = Client(new Uri("http://127.0.0.1:1"));
        client.Dispose();
        using var test = new Activity("test").Start();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => GetAsync(client));
        Assert.Throws<ObjectDisposedException>(() => client.AgentTasks.GetAgentTask(new()));

        Assert.Same(test, Activity.Current);
        Assert.Equal(
            [typeof(ObjectDisposedException).FullName, typeof(ObjectDisposedException).FullName],
            ended.Where(activity => activity.ParentId == test.Id).Select(activity => activity.GetTagItem("error.type")));
        Assert.All(
            ended.Where(activity => activity.ParentId == test.Id),
            activity => Assert.Equal(ActivityStatusCode.Error, activity.Status));
    }

    private static TaskGrpcClient Client(Uri address) => new(new TaskGrpcClientOptions { Address = address });

    private static Task<AgentTask> GetAsync(TaskGrpcClient client) => client.AgentTasks.GetAgentTaskAsync(new()).ResponseAsync;

    private static string Origin(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private static string Encode(Any detail) => Convert.ToBase64String(new Google.Rpc.Status { Details = { detail } }.ToByteArray());
}
