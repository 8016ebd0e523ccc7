using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Testing;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests.TestServers;

/// <summary>A test moves the clock, and what is due happens.</summary>
public sealed class TestClockTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delivery_Is_tried_again_once_the_clock_has_moved()
    {
        var answers = new Queue<int>([503, 503, 204]);
        await using var receiver = await WebhookReceiver.StartAsync((context, _) => WebhookReceiver.Answer(context, answers.Dequeue()));
        await using var server = await TaskGrpcTestServer.StartAsync();
        await server.Client.SigningSecrets.CreateSigningSecretAsync(new());
        var delivery = await server.Client.TriggerAsync(await server.Client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address)));
        foreach (var attempts in new[] { 1, 2 })
        {
            await server.Client.UntilAsync(delivery, seen => seen.AttemptCount == attempts && seen.Status == DeliveryStatus.Retrying);
            // Longer than the longest time between the first attempts.
            server.Clock.Advance(TimeSpan.FromMinutes(10));
        }

        await server.Client.UntilAsync(delivery, DeliveryStatus.Delivered);
        Assert.Equal(3, receiver.All.Count);
    }

    [Fact]
    public async Task A_request_id_Expires_once_the_clock_has_moved()
    {
        await using var server = await TaskGrpcTestServer.StartAsync();
        var request = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(), RequestId = Guid.NewGuid().ToString() };
        var first = await server.Client.AgentTasks.CreateAgentTaskAsync(request);
        server.Clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(first, await server.Client.AgentTasks.CreateAgentTaskAsync(request));
        server.Clock.Advance(TimeSpan.FromHours(2));
        var second = await server.Client.AgentTasks.CreateAgentTaskAsync(request);
        Assert.NotEqual(first.Id, second.Id);
        Assert.True(second.CreatedAt.ToDateTimeOffset() - first.CreatedAt.ToDateTimeOffset() >= TimeSpan.FromHours(25));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_watch_Goes_on_when_the_clock_moves(bool useSocket)
    {
        await using var server = await TaskGrpcTestServer.StartAsync(options => options.UseSocket = useSocket);
        await using var events = server.Client.WatchAsync(new WatchRequest { AfterRevision = 0 }).Events().GetAsyncEnumerator(Stop);
        for (var revision = 1; revision <= 3; revision++)
        {
            await server.Client.CreateAgentTaskAsync();
            Assert.True(await events.MoveNextAsync());
            Assert.Equal(revision, events.Current.Change.Revision);
            server.Clock.Advance(TimeSpan.FromDays(1));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_clock_that_stands_still_Holds_up_no_call_no_restart_and_no_end(bool useSocket)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = await TaskGrpcTestServer.StartAsync(
            options => (options.TimeProvider, options.UseSocket) = (time, useSocket));
        Assert.Throws<InvalidOperationException>(() => server.Clock);
        var task = await server.Client.CreateAgentTaskAsync();
        Assert.Equal(time.GetUtcNow(), task.CreatedAt.ToDateTimeOffset());
        await server.Client.CreateAgentTaskAsync();
        Assert.Equal(2, await server.Client.ListAgentTasksAsync(new() { PageSize = 1 }).CountAsync(Stop));
        using (var watch = await WatchProbe.OpenAsync(server.Client, new WatchRequest { AfterRevision = 0 }, Stop))
        {
            await watch.UntilCountAsync(2);
        }

        await server.RestartAsync(Stop).WaitAsync(Limit, Stop);
        Assert.Equal(2, await server.Client.ListAgentTasksAsync().CountAsync(Stop));
        await server.DisposeAsync().AsTask().WaitAsync(Limit, Stop);
    }

    [Fact]
    public async Task Two_servers_Can_share_a_clock()
    {
        var clock = new TestClock();
        await using var first = await TaskGrpcTestServer.StartAsync(options => options.TimeProvider = clock);
        await using var second = await TaskGrpcTestServer.StartAsync(options => options.TimeProvider = clock);
        first.Clock.Advance(TimeSpan.FromDays(400));
        Assert.Same(clock, second.Clock);
        var created = await second.Client.CreateAgentTaskAsync();
        Assert.True(created.CreatedAt.ToDateTimeOffset() > TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(399));
    }

    [Fact]
    public async Task A_timer_Fires_by_itself_and_at_an_advance()
    {
        var clock = new TestClock();
        await Task.Delay(TimeSpan.FromMilliseconds(20), clock, Stop);
        var day = Task.Delay(TimeSpan.FromDays(1), clock, Stop);
        var (began, moment) = (clock.GetTimestamp(), clock.GetUtcNow());
        clock.Advance(TimeSpan.FromHours(23));
        Assert.False(day.IsCompleted);
        clock.Advance(TimeSpan.FromHours(1));
        await day.WaitAsync(Limit, Stop);
        Assert.Equal(TimeSpan.FromDays(1), clock.Ahead);
        Assert.InRange(clock.GetElapsedTime(began), TimeSpan.FromDays(1), TimeSpan.FromDays(1) + Limit);
        Assert.InRange(clock.GetUtcNow() - moment, TimeSpan.FromDays(1), TimeSpan.FromDays(1) + Limit);
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public async Task A_periodic_timer_Fires_once_per_advance_and_a_stopped_one_never()
    {
        var clock = new TestClock();
        using var fired = new SemaphoreSlim(0);
        var stopped = 0;
        await using var one = clock.CreateTimer(_ => stopped++, null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        Assert.True(one.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        await using var timer = clock.CreateTimer(_ => fired.Release(), null, TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        for (var i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromHours(5));
            Assert.True(await fired.WaitAsync(Limit, Stop));
        }

        await timer.DisposeAsync();
        Assert.False(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        clock.Advance(TimeSpan.FromHours(5));
        Assert.Equal((0, 0), (fired.CurrentCount, stopped));
    }
}
