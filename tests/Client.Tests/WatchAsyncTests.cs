using Grpc.Core;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>A watch that survives lost connections.</summary>
public sealed class WatchAsyncTests(SqliteServer server) : IClassFixture<SqliteServer>, IDisposable
{
    private readonly string _organization = server.NewOrganization();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(30));

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task A_cut_watch_Goes_on_and_every_change_comes_once()
    {
        const int changes = 200;
        var random = new Random(11);
        await using var proxy = new CuttingProxy(server.Server.Grpc, () => random.Next(500, 20_000));
        using var client = Through(proxy);
        using var writer = server.Server.Client(_organization);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < changes; i++)
            {
                await writer.CreateAgentTaskAsync();
            }
        });

        var seen = new List<long>();
        await foreach (var item in client.WatchAsync(new WatchRequest { AfterRevision = 0 }, cancellationToken: _limit.Token).Events())
        {
            seen.Add(item.Change.Revision);
            if (seen.Count == changes)
            {
                break;
            }
        }

        await writing;
        Assert.Equal(Enumerable.Range(1, changes).Select(revision => (long)revision), seen);
        Assert.InRange(proxy.Cuts, 5, int.MaxValue);
    }

    [Fact]
    public async Task A_cut_in_the_middle_of_a_large_revision_Doubles_nothing()
    {
        using var writer = server.Server.Client(_organization);
        var large = Sample.AgentTask();
        large.Description = new string('x', 65_000);
        await writer.AgentTasks.BatchCreateAgentTasksAsync(
            new() { AgentTasks = { Enumerable.Range(0, 45).Select(i => new AgentTask(large) { Title = $"{i}" }) } });
        await writer.CreateAgentTaskAsync();
        // The first connection carries only the first part of the revision; the next one carries both parts.
        var allowances = new Queue<long>([2_600_000, 2_300_000, long.MaxValue]);
        await using var proxy = new CuttingProxy(server.Server.Grpc, () => allowances.Dequeue());
        using var client = Through(proxy);

        var seen = new List<string>();
        await foreach (var item in client.WatchAsync(new WatchRequest { AfterRevision = 0 }, cancellationToken: _limit.Token).Events())
        {
            seen.Add(item.Change.AgentTask.Title);
            if (item.Change.Revision == 2)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(0, 45).Select(i => $"{i}").Append(Sample.AgentTask().Title), seen);
        Assert.Equal(2, proxy.Cuts);
    }

    [Fact]
    public async Task A_snapshot_that_is_cut_Begins_again_and_says_so()
    {
        using var writer = server.Server.Client(_organization);
        var sample = Sample.AgentTask();
        sample.Description = new string('x', 10_000);
        await writer.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(sample, 200) } });
        var allowances = new Queue<long>([600_000, long.MaxValue]);
        await using var proxy = new CuttingProxy(server.Server.Grpc, () => allowances.Dequeue());
        using var client = Through(proxy);

        var (view, snapshots) = (new HashSet<string>(), 0);
        var options = new TaskGrpcWatchOptions
        {
            SnapshotStarted = () =>
            {
                view.Clear();
                snapshots++;
            },
        };
        await foreach (var message in client.WatchAsync(new WatchRequest { Snapshot = true }, options, _limit.Token))
        {
            foreach (var item in message.Events)
            {
                Assert.True(view.Add(item.Change.AgentTask.Id));
            }

            if (message.SnapshotComplete)
            {
                break;
            }
        }

        Assert.Equal((200, 2), (view.Count, snapshots));
    }

    [Fact]
    public async Task A_watch_that_the_server_ends_Ends_and_does_not_reconnect()
    {
        using var client = server.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        await client.TransitionAsync(task, AgentTaskStatus.Canceled);
        var messages = new List<WatchResponse>();
        await foreach (
            var message in client.WatchAsync(
                new WatchRequest { Ids = { task.Id }, StopWhenTerminal = true }, cancellationToken: _limit.Token))
        {
            messages.Add(message);
        }

        Assert.Equal(ChangeType.Snapshot, Assert.Single(messages.SelectMany(message => message.Events)).Change.Type);
    }

    [Fact]
    public async Task A_refusal_for_good_Is_thrown_and_a_cancellation_is_one()
    {
        using var client = server.Server.Client(_organization);
        await Refusal.OfAsync(ErrorReason.RevisionInFuture,
            async () => await FirstAsync(client.WatchAsync(new WatchRequest { AfterRevision = 7 }, cancellationToken: _limit.Token)));
        await Refusal.OfAsync(ErrorReason.InvalidFilter,
            async () => await FirstAsync(
                client.WatchAsync(
                    new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = "x" }, cancellationToken: _limit.Token)));

        await Refusal.OfFieldsAsync(async () =>
            await FirstAsync(client.WatchAsync(new WatchRequest { HeartbeatInterval = new() }, cancellationToken: _limit.Token)),
            "heartbeat_interval");

        using var cancel = new CancellationTokenSource();
        var messages = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.WatchAsync(cancellationToken: cancel.Token))
            {
                messages++;
                await cancel.CancelAsync();
            }
        });
        Assert.Equal(1, messages);
    }

    [Fact]
    public async Task Lost_history_Is_thrown_or_answered_by_a_snapshot_as_asked()
    {
        using var client = server.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        await client.CreateAgentTaskAsync();
        await server.Server.CompactAsync();

        await Refusal.OfAsync(ErrorReason.RevisionCompacted,
            async () => await FirstAsync(client.WatchAsync(new WatchRequest { AfterRevision = 0 }, cancellationToken: _limit.Token)));
        var (started, view) = (0, new List<string>());
        await foreach (
            var message in client.WatchAsync(new WatchRequest { AfterRevision = 0 },
                new() { OnHistoryLost = HistoryLoss.SnapshotAgain, SnapshotStarted = () => started++ }, _limit.Token))
        {
            view.AddRange(message.Events.Select(item => item.Change.AgentTask.Id));
            if (message.SnapshotComplete)
            {
                break;
            }
        }

        Assert.Equal((1, 2, true), (started, view.Count, view.Contains(task.Id)));
    }

    [Fact]
    public async Task A_server_that_falls_silent_Is_left_for_another_connection()
    {
        await using var proxy = new CuttingProxy(server.Server.Grpc, () => long.MaxValue);
        // The client's own pings, with shorter intervals.
        using var client = Through(proxy,
            handler => (handler.KeepAlivePingDelay, handler.KeepAlivePingTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        using var writer = server.Server.Client(_organization);
        var watch = client.WatchAsync(cancellationToken: _limit.Token).GetAsyncEnumerator(_limit.Token);
        Assert.True(await watch.MoveNextAsync());

        proxy.FallSilent();
        await writer.CreateAgentTaskAsync();
        Assert.Equal(1, (await NextEventAsync(watch)).Change.Revision);
        await watch.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_without_heartbeats_Is_opened_again()
    {
        using var client = server.Server.Client(_organization);
        var request =
            new WatchRequest { HeartbeatInterval = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMinutes(10)) };
        // Each connection gets a first message and nothing more.
        Assert.Equal(3,
            await client.WatchAsync(request, new() { SilenceTimeout = TimeSpan.FromMilliseconds(100) }, _limit.Token).Take(3)
            .CountAsync());
    }

    [Fact]
    public async Task An_unreachable_server_Is_retried_until_the_time_is_up()
    {
        using var client = new TaskGrpcClient(
            new TaskGrpcClientOptions { Address = new Uri("http://127.0.0.1:1"), InitialBackoff = TimeSpan.FromMilliseconds(1) });
        var exception = await Assert.ThrowsAsync<TaskGrpcException>(async () =>
            await FirstAsync(
                client.WatchAsync(options: new() { ReconnectTimeout = TimeSpan.FromMilliseconds(100) }, cancellationToken: _limit.Token)));
        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
    }

    [Fact]
    public async Task WaitUntilTerminalAsync_Returns_what_ended_it_before_or_after()
    {
        using var client = server.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        var waiting = client.WaitUntilTerminalAsync(task.Id, _limit.Token);
        await client.TransitionAsync(task, AgentTaskStatus.Planning);
        var ended = await client.TransitionAsync(task, AgentTaskStatus.Failed);

        var (seen, later) = (await waiting, await client.WaitUntilTerminalAsync(task.Id, _limit.Token));
        Assert.Equal(ended, seen.AgentTask);
        Assert.Equal((ChangeType.Snapshot, ended), (later.Type, later.AgentTask));

        var board = await client.CreateBoardTaskAsync();
        await client.BoardTasks.DeleteBoardTaskAsync(new() { Id = board.Id });
        Assert.Equal((ChangeType.Deleted, board.Id),
            ((await client.WaitUntilTerminalAsync(board.Id, _limit.Token)) is var deleted
                ? (deleted.Type, deleted.BoardTask.Id) : default));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => client.WaitUntilTerminalAsync(Guid.NewGuid().ToString(), _limit.Token));
    }

    private TaskGrpcClient Through(CuttingProxy proxy, Action<SocketsHttpHandler>? configure = null) => new(new TaskGrpcClientOptions
    {
        ConfigureHandler = configure,
        Address = proxy.Address,
        InitialBackoff = TimeSpan.FromMilliseconds(1),
        MaxBackoff = TimeSpan.FromMilliseconds(20),
        Metadata = new Metadata { { "x-organization-id", _organization } },
    });

    private static async Task<WatchResponse> FirstAsync(IAsyncEnumerable<WatchResponse> watch)
    {
        await foreach (var message in watch)
        {
            return message;
        }

        throw new InvalidOperationException("The watch has ended.");
    }

    private static async Task<WatchEvent> NextEventAsync(IAsyncEnumerator<WatchResponse> watch)
    {
        while (await watch.MoveNextAsync())
        {
            if (watch.Current.Events.Count > 0)
            {
                return watch.Current.Events[0];
            }
        }

        throw new InvalidOperationException("The watch has ended.");
    }
}
