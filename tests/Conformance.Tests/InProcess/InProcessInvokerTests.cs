using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Server.Protocols.InProcess;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.InProcess;

/// <summary>
/// In-process calls behave like calls over a network. The suite runs over them too (OnInProcess.cs); these tests cover what only they
/// have.
/// </summary>
public sealed class InProcessInvokerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_request_that_its_caller_changes_afterwards_Is_handled_as_it_was_sent()
    {
        await using var server = await StartAsync();
        var tasks = new AgentTaskService.AgentTaskServiceClient(Invoker(server));
        var request = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask() };
        request.AgentTask.Title = "as it was sent";
        var call = tasks.CreateAgentTaskAsync(request, Anna);
        request.AgentTask.Title = "changed afterwards";
        Assert.Equal("as it was sent", (await call).Title);
    }

    [Fact]
    public async Task An_answer_Is_its_callers_own()
    {
        await using var server = await StartAsync();
        var tasks = new AgentTaskService.AgentTaskServiceClient(Invoker(server));
        var request = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(), RequestId = Guid.NewGuid().ToString() };
        var created = await tasks.CreateAgentTaskAsync(request, Anna);
        var expected = created.Clone();
        created.Title = "changed by its caller";
        Assert.Equal(expected, await tasks.CreateAgentTaskAsync(request, Anna));
        var read = await tasks.GetAgentTaskAsync(new() { Id = expected.Id }, Anna);
        Assert.Equal(expected, read);
        read.Title = "changed by its caller";
        Assert.Equal(expected, await tasks.GetAgentTaskAsync(new() { Id = expected.Id }, Anna));
    }

    [Fact]
    public async Task A_deadline_Passes_by_the_servers_clock()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(time);
        var changes = new WatchService.WatchServiceClient(Invoker(server));
        var request = new ListChangesRequest { Wait = new() { Seconds = 60 } };
        var call = changes.ListChangesAsync(request, Anna.WithDeadline(time.GetUtcNow().UtcDateTime.AddSeconds(5)));
        await UntilWatchesAsync(server, 1);
        Assert.False(call.ResponseAsync.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(6));
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal((StatusCode.DeadlineExceeded, StatusCode.DeadlineExceeded), (failure.StatusCode, call.GetStatus().StatusCode));
        await UntilWatchesAsync(server, 0);
    }

    [Fact]
    public async Task A_call_without_a_deadline_Ends_after_the_longest_time_of_a_call()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(time, ("Limits:LongestCall", "00:00:10"));
        var changes = new WatchService.WatchServiceClient(Invoker(server));
        var call = changes.ListChangesAsync(new ListChangesRequest { Wait = new() { Seconds = 60 } }, Anna);
        await UntilWatchesAsync(server, 1);
        time.Advance(TimeSpan.FromSeconds(11));
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_or_disposed_Ends_at_once()
    {
        await using var server = await StartAsync();
        var changes = new WatchService.WatchServiceClient(Invoker(server));
        using var cancelled = new CancellationTokenSource();
        var waiting = new ListChangesRequest { Wait = new() { Seconds = 60 } };
        var call = changes.ListChangesAsync(waiting, Anna.WithCancellationToken(cancelled.Token));
        var other = changes.ListChangesAsync(waiting, Anna);
        await UntilWatchesAsync(server, 2);
        await cancelled.CancelAsync();
        other.Dispose();
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => other.ResponseAsync)).StatusCode);
        await UntilWatchesAsync(server, 0);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_Ends_its_watch_as_SLOW_READER_and_still_reads_what_was_written()
    {
        await using var server = await StartAsync(settings: ("Watch:WriteTimeout", "00:00:00.5"));
        var invoker = Invoker(server);
        var tasks = new AgentTaskService.AgentTaskServiceClient(invoker);
        using var watch = new WatchService.WatchServiceClient(invoker).Watch(new WatchRequest(), Anna);
        Assert.True(await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        await UntilWatchesAsync(server, 1);
        // One message waits for its reader; there is no room for the next.
        while (server.OpenWatches > 0)
        {
            await tasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask() }, Anna);
        }

        var read = new List<WatchResponse>();
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
            {
                read.Add(watch.ResponseStream.Current);
            }
        });
        Assert.Equal([1L], read.Take(1).Select(message => message.Events[0].Change.Revision));
        Assert.Equal((StatusCode.ResourceExhausted, "SLOW_READER"),
            (failure.StatusCode, failure.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason));
    }

    [Fact]
    public async Task Watches_and_calls_End_with_the_server()
    {
        await using var server = await StartAsync();
        var invoker = Invoker(server);
        using var watch = new WatchService.WatchServiceClient(invoker).Watch(new WatchRequest(), Anna);
        Assert.True(await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        await server.StopAsync();
        var ended = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await new AgentTaskService.AgentTaskServiceClient(invoker).ListAgentTasksAsync(new(), Anna));
        foreach (var failure in new[] { ended, refused })
        {
            Assert.Equal((StatusCode.Unavailable, "DRAINING"),
                (failure.StatusCode, failure.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason));
        }
    }

    [Fact]
    public async Task Each_call_Has_its_own_credentials_and_needs_the_same_scopes_as_over_a_connection()
    {
        using var issuer = new TestIssuer(_folder.Path);
        await using var server = await TestServer.StartAsync(_folder.Path, settings: issuer.Settings);
        var tasks = new AgentTaskService.AgentTaskServiceClient(Invoker(server));
        CallOptions With(string scopes, string organization) =>
            new(new Metadata { { "authorization", "Bearer " + issuer.Token(scopes, organization) } });

        var created = await tasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask() }, With("tasks:write", "one"));
        Assert.Equal("one", created.OrganizationId);
        await RefusedAsync("TOKEN_MISSING", () => tasks.GetAgentTaskAsync(new() { Id = created.Id }, Anna));
        await RefusedAsync("SCOPE_MISSING", () => tasks.GetAgentTaskAsync(new() { Id = created.Id }, With("monitors:write", "one")));
        await RefusedAsync("RESOURCE_NOT_FOUND", () => tasks.GetAgentTaskAsync(new() { Id = created.Id }, With("tasks:read", "two")));
        Assert.Equal(created, await tasks.GetAgentTaskAsync(new() { Id = created.Id }, With("tasks:read", "one")));
    }

    [Fact]
    public async Task A_watch_Ends_when_the_token_with_which_it_was_opened_does()
    {
        using var issuer = new TestIssuer(_folder.Path);
        await using var server = await TestServer.StartAsync(_folder.Path, settings: issuer.Settings);
        var token = issuer.Token("tasks:read", lifetime: TimeSpan.FromSeconds(2));
        var options = new CallOptions(new Metadata { { "authorization", "Bearer " + token } });
        using var watch = new WatchService.WatchServiceClient(Invoker(server)).Watch(new WatchRequest(), options);
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
            {
            }
        });
        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_INVALID"),
            (failure.StatusCode, failure.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason));
    }

    [Fact]
    public async Task A_request_too_large_or_to_an_unknown_call_Is_refused_as_over_a_connection()
    {
        await using var server = await StartAsync(settings: ("Limits:RequestBytes", "65536"));
        var invoker = Invoker(server);
        var tasks = new AgentTaskService.AgentTaskServiceClient(invoker);
        var large = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask() };
        large.AgentTask.Description = new string('x', 65536);
        Assert.Equal(StatusCode.ResourceExhausted, await CodeOfAsync(() => tasks.CreateAgentTaskAsync(large, Anna)));

        var many = new Metadata();
        for (var i = 0; i <= 100; i++)
        {
            many.Add($"entry-{i}", "x");
        }

        Assert.Equal(StatusCode.ResourceExhausted, await CodeOfAsync(() => tasks.ListAgentTasksAsync(new(), many)));
        var long1 = new Metadata { { "entry", new string('x', 32 * 1024) } };
        Assert.Equal(StatusCode.ResourceExhausted, await CodeOfAsync(() => tasks.ListAgentTasksAsync(new(), long1)));

        var strange = new Method<ListAgentTasksRequest, ListAgentTasksResponse>(
            MethodType.Unary, "taskgrpc.v1.AgentTaskService", "listAgentTasks",
                Marshallers.Create<ListAgentTasksRequest>(_ => [], _ => new()),
                Marshallers.Create<ListAgentTasksResponse>(_ => [], _ => new()));
        Assert.Equal(StatusCode.Unimplemented, await CodeOfAsync(() => invoker.AsyncUnaryCall(strange, null, Anna, new())));
    }

    [Fact]
    public async Task A_caller_above_its_rate_Gets_the_time_to_wait_in_RetryInfo_and_in_the_trailer()
    {
        await using var server = await StartAsync(settings: ("Limits:RequestsPerSecond", "1"));
        var tasks = new AgentTaskService.AgentTaskServiceClient(Invoker(server));
        await tasks.ListAgentTasksAsync(new(), Anna);
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (true)
            {
                await tasks.ListAgentTasksAsync(new(), Anna);
            }
        });
        var delay = failure.GetRpcStatus()!.GetDetail<Google.Rpc.RetryInfo>()!.RetryDelay.ToTimeSpan();
        var pushback = Assert.Single(failure.Trailers, entry => entry.Key == "grpc-retry-pushback-ms");
        Assert.Equal(
            ((long)Math.Ceiling(delay.TotalMilliseconds)).ToString(System.Globalization.CultureInfo.InvariantCulture), pushback.Value);
    }

    [Fact]
    public async Task A_blocking_call_from_a_context_with_one_thread_Comes_back()
    {
        await using var server = await StartAsync();
        var tasks = new AgentTaskService.AgentTaskServiceClient(Invoker(server));
        var answered = Task.Run(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new DeadContext());
            return tasks.CreateAgentTask(new() { AgentTask = Sample.AgentTask() }, Anna);
        });
        Assert.NotEmpty((await answered.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Id);
    }

    private static CallOptions Anna =>
        new(new Metadata { { "x-organization-id", "org" }, { "x-actor-id", "anna" }, { "x-actor-type", "user" } });

    private static InProcessInvoker Invoker(TestServer server) => server.Services.GetRequiredService<InProcessInvoker>();

    private Task<TestServer> StartAsync(TimeProvider? time = null, params ReadOnlySpan<(string Key, string Value)> settings)
    {
        var own = new Dictionary<string, string?>();
        foreach (var (key, value) in settings)
        {
            own[key] = value;
        }

        return TestServer.StartAsync(_folder.Path, time, own);
    }

    private static async Task UntilWatchesAsync(TestServer server, int count)
    {
        while (server.OpenWatches != count)
        {
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task RefusedAsync<T>(string reason, Func<AsyncUnaryCall<T>> call)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await call());
        Assert.Equal(reason, failure.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason);
    }

    private static async Task<StatusCode> CodeOfAsync<T>(Func<AsyncUnaryCall<T>> call) =>
        (await Assert.ThrowsAsync<RpcException>(async () => await call())).StatusCode;

    /// <summary>Runs no posted callback, like a blocked thread.</summary>
    private sealed class DeadContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
