using System.Collections.Concurrent;
using Grpc.Core;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>A token provider that works, and every way in which one can fail.</summary>
public sealed class AccessTokenTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<string?> _authorizations = new();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync(async (call, _) =>
    {
        _authorizations.Enqueue(call.Request.Headers.Authorization);
        await ScriptedServer.SendAsync(call, new AgentTask());
        await ScriptedServer.EndAsync(call, StatusCode.OK);
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_provider_that_never_returns_Is_bounded_by_the_deadline_and_the_token()
    {
        var asked = 0;
        var tokens = new ConcurrentQueue<CancellationToken>();
        using var client = Client(async token =>
        {
            tokens.Enqueue(token);
            Interlocked.Increment(ref asked);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
            return "";
        });
        using var cancel = new CancellationTokenSource();
        var late = await Assert.ThrowsAsync<TaskGrpcException>(
            () => client.AgentTasks.GetAgentTaskAsync(new(), deadline: In(0.3)).ResponseAsync.WaitAsync(Limit));
        var call = client.AgentTasks.GetAgentTaskAsync(new(), cancellationToken: cancel.Token).ResponseAsync;
        var watch = client.WatchAsync(cancellationToken: cancel.Token).CountAsync().AsTask();
        while (Volatile.Read(ref asked) < 3)
        {
            await Task.Yield();
        }

        await cancel.CancelAsync();
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        Assert.StartsWith(
            "TaskGrpcClientOptions.AccessToken gave no token before the deadline. (DEADLINE_EXCEEDED, ",
            late.Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Limit));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch.WaitAsync(Limit));
        Assert.All(tokens, token => Assert.True(token.IsCancellationRequested));
        Assert.Equal(0, _server.Calls);
    }

    [Fact]
    public async Task A_provider_that_blocks_its_thread_Is_bounded_too()
    {
        using var never = new ManualResetEventSlim();
        using var client = Client(_ =>
        {
            never.Wait(CancellationToken.None);
            return ValueTask.FromResult("");
        });
        var late = await Assert.ThrowsAsync<TaskGrpcException>(
            () => client.AgentTasks.GetAgentTaskAsync(new(), deadline: In(0.3)).ResponseAsync.WaitAsync(Limit));
        never.Set();
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
    }

    [Theory]
    [InlineData(null, "TaskGrpcClientOptions.AccessToken returned null. ")]
    [InlineData("", "TaskGrpcClientOptions.AccessToken returned an empty token. ")]
    [InlineData(" ", "TaskGrpcClientOptions.AccessToken returned an empty token. ")]
    [InlineData("a\nb", "TaskGrpcClientOptions.AccessToken returned a token with white space")]
    [InlineData("ä", "TaskGrpcClientOptions.AccessToken returned a token with white space or letters outside ASCII")]
    public async Task A_text_that_is_no_token_Is_refused_before_it_is_sent(string? token, string message)
    {
        using var client = Client(_ => new(token!));
        var refused = await Assert.ThrowsAsync<TaskGrpcException>(() => client.AgentTasks.GetAgentTaskAsync(new()).ResponseAsync);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            refused.Status.Detail,
            (await Assert.ThrowsAsync<TaskGrpcException>(() => client.WatchAsync().CountAsync().AsTask())).Status.Detail);
        Assert.Equal(0, _server.Calls);
    }

    [Fact]
    public async Task A_provider_that_fails_or_cancels_itself_Is_named_and_is_not_a_cancellation_of_the_call()
    {
        Exception[] failures =
            [new OperationCanceledException("The identity provider was slow."), new HttpRequestException("It is gone.")];
        foreach (var failure in failures)
        {
            using var client = Client(async _ =>
            {
                await Task.Yield();
                throw failure;
            });
            var refused = await Assert.ThrowsAsync<TaskGrpcException>(() => client.AgentTasks.GetAgentTaskAsync(new()).ResponseAsync);
            Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
            Assert.StartsWith(
                $"TaskGrpcClientOptions.AccessToken failed: {failure.GetType().Name}: {failure.Message}",
                refused.Message,
                StringComparison.Ordinal);
            Assert.Same(failure, refused.InnerException!.InnerException);
            Assert.StartsWith(
                refused.Status.Detail,
                Assert.Throws<TaskGrpcException>(() => client.AgentTasks.GetAgentTask(new())).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_blocking_call_from_a_single_threaded_context_Does_not_wait_for_itself()
    {
        using var client = Client(async _ =>
        {
            // Continues on the provider's context.
            await Task.Yield();
            return SynchronizationContext.Current is null ? "off-the-context" : "on-it";
        });
        var called = Task.Factory.StartNew(
            () =>
            {
                SynchronizationContext.SetSynchronizationContext(new DeadContext());
                client.AgentTasks.GetAgentTask(new());
                using var call = client.AgentTasks.GetAgentTaskAsync(new());
                Assert.True(call.ResponseAsync.Wait(Limit));
                SynchronizationContext.SetSynchronizationContext(null);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await called.WaitAsync(Limit);
        Assert.Equal(["Bearer off-the-context", "Bearer off-the-context"], _authorizations);
    }

    [Fact]
    public async Task A_calls_own_authorization_Comes_first_and_each_attempt_gets_a_new_token()
    {
        var asked = 0;
        await using var busy = await ScriptedServer.StartAsync(async (call, number) =>
        {
            _authorizations.Enqueue(call.Request.Headers.Authorization);
            await ScriptedServer.EndAsync(call, number == 1 ? StatusCode.Unavailable : StatusCode.NotFound, "No.");
        });
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = busy.Address,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            AccessToken = _ => new($"token-{Interlocked.Increment(ref asked)}"),
        });
        await Assert.ThrowsAsync<TaskGrpcException>(() => client.AgentTasks.GetAgentTaskAsync(new()).ResponseAsync);
        await Assert.ThrowsAsync<TaskGrpcException>(
            () => client.AgentTasks.GetAgentTaskAsync(new(), new Metadata { { "authorization", "Bearer own" } }).ResponseAsync);
        Assert.Equal(["Bearer token-1", "Bearer token-2", "Bearer own"], _authorizations);
    }

    private TaskGrpcClient Client(Func<CancellationToken, ValueTask<string>> provider) =>
        new(new TaskGrpcClientOptions { Address = _server.Address, AccessToken = provider });

    private static DateTime In(double seconds) => TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(seconds);

    /// <summary>The context of a blocked thread: it never runs a posted callback.</summary>
    private sealed class DeadContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();
    }
}
