using CsCheck;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Changes;

/// <summary>A watch with stop_when_terminal ends once all its resources are terminal at the head of the log, not before.</summary>
public abstract class EndingWatchTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Fact]
    public async Task A_watch_that_stops_Ends_with_OK_once_each_resource_is_terminal_and_not_before()
    {
        using var client = fixture.Server.Client(_organization);
        var (one, two) = (await client.CreateAgentTaskAsync(), await client.CreateBoardTaskAsync());
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { Ids = { one.Id, two.Id }, StopWhenTerminal = true });
        await watch.UntilAsync(2);
        Assert.Equal([ChangeType.Snapshot, ChangeType.Snapshot], watch.Events.Select(seen => seen.Change.Type));

        await client.TransitionAsync(one, AgentTaskStatus.Failed);
        await client.TransitionAsync(one, AgentTaskStatus.Queued);
        await client.BoardTasks.DeleteBoardTaskAsync(new() { Id = two.Id });
        await watch.UntilAsync(5);
        await client.TransitionAsync(one, AgentTaskStatus.Canceled);
        await client.CreateAgentTaskAsync();
        await watch.UntilEndAsync();

        Assert.Equal([2, 2, 3, 4, 5, 6], watch.Events.Select(seen => seen.Change.Revision));
        Assert.NotEmpty(watch.Last.ResumeToken);
    }

    [Fact]
    public async Task A_watch_that_stops_Ends_even_if_what_ends_it_is_filtered_out()
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        using var watch = await WatchProbe.OpenAsync(client,
            new WatchRequest
            {
                Kinds = { ResourceKind.AgentTask },
                Filter = "status = PLANNING",
                Ids = { task.Id },
                StopWhenTerminal = true
            });
        await watch.UntilAsync(1);
        await client.TransitionAsync(task, AgentTaskStatus.Canceled);
        await watch.UntilEndAsync();
        Assert.Empty(watch.Events);
    }

    [Fact]
    public async Task A_past_end_that_was_undone_Does_not_end_it()
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        await client.TransitionAsync(task, AgentTaskStatus.Failed);
        await client.TransitionAsync(task, AgentTaskStatus.Queued);

        // The task failed at revision 2 and was retried: watches wait for the later end, from every start.
        var watches = new List<WatchProbe>();
        foreach (var after in new[] { 0, 1, 2, 3 })
        {
            watches.Add(await WatchProbe.OpenAsync(client, Stopping(after, task.Id)));
        }

        await client.TransitionAsync(task, AgentTaskStatus.Planning);
        await client.TransitionAsync(task, AgentTaskStatus.Canceled);
        foreach (var (watch, after) in watches.Select((watch, after) => (watch, after)))
        {
            await watch.UntilEndAsync();
            Assert.Equal(Enumerable.Range(after + 1, 5 - after), watch.Events.Select(seen => (int)seen.Change.Revision));
            watch.Dispose();
        }
    }

    [Fact]
    public async Task A_past_start_with_an_end_that_holds_Ends_at_the_head()
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        await client.TransitionAsync(task, AgentTaskStatus.Failed);
        await client.TransitionAsync(task, AgentTaskStatus.Queued);
        await client.TransitionAsync(task, AgentTaskStatus.Canceled);
        await client.CreateAgentTaskAsync();

        foreach (var after in new[] { 0, 1, 2, 3, 4, 5 })
        {
            using var watch = await WatchProbe.OpenAsync(client, Stopping(after, task.Id));
            await watch.UntilEndAsync();
            Assert.Equal(Enumerable.Range(after + 1, Math.Max(0, 4 - after)), watch.Events.Select(seen => (int)seen.Change.Revision));
        }
    }

    [Fact]
    public async Task A_reopened_board_task_and_a_delivery_sent_again_Are_waited_for()
    {
        using var client = fixture.Server.Client(_organization);
        var board = await client.CreateBoardTaskAsync(new BoardTask { Title = "t", AssignedToUserId = "anna" });
        foreach (var status in new[] { BoardTaskStatus.Assigned, BoardTaskStatus.Running, BoardTaskStatus.Done, BoardTaskStatus.Backlog })
        {
            board = await client.TransitionAsync(board, status);
        }

        var delivery = await client.TriggerAsync(await client.CreateMonitorTaskAsync());
        var start = (await client.Changes.ListChangesAsync(new() { Ids = { delivery.Id } })).Revision;
        using var watch = await WatchProbe.OpenAsync(client, Stopping(4, board.Id, delivery.Id));
        await watch.UntilCountAsync(2);
        await client.Deliveries.RedeliverDeliveryAsync(new() { Id = delivery.Id });
        await client.UntilAsync(delivery, DeliveryStatus.Delivered);
        foreach (var status in new[] { BoardTaskStatus.Assigned, BoardTaskStatus.Running, BoardTaskStatus.Done })
        {
            await client.TransitionAsync(board, status);
        }

        await watch.UntilEndAsync();
        Assert.Equal(BoardTaskStatus.Done, watch.Events.Last(seen => seen.Change.BoardTask is not null).Change.BoardTask.Status);
        Assert.Contains(watch.Events, seen => seen.Change.Revision > start && seen.Change.Delivery is not null);
        Assert.Equal(
            (await client.Changes.ListChangesAsync(new() { Ids = { board.Id, delivery.Id }, AfterRevision = 4 })).Events, watch.Events);
    }

    [Fact]
    public async Task Several_resources_that_ended_one_after_the_other_and_never_together_Are_waited_for()
    {
        using var client = fixture.Server.Client(_organization);
        var (one, two) = (await client.CreateAgentTaskAsync(), await client.CreateAgentTaskAsync());
        await client.TransitionAsync(one, AgentTaskStatus.Failed);
        await client.TransitionAsync(two, AgentTaskStatus.Failed);
        await client.TransitionAsync(one, AgentTaskStatus.Queued);
        using var watch = await WatchProbe.OpenAsync(client, Stopping(0, one.Id, two.Id));
        await watch.UntilAsync(5);
        await client.TransitionAsync(two, AgentTaskStatus.Queued);
        await client.TransitionAsync(one, AgentTaskStatus.Canceled);
        await watch.UntilAsync(7);
        await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = two.Id });
        await watch.UntilEndAsync();
        Assert.Equal(Enumerable.Range(1, 8), watch.Events.Select(seen => (int)seen.Change.Revision));
    }

    [Fact]
    public async Task A_watch_resumed_by_a_token_from_an_end_that_was_undone_Goes_on()
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        await client.TransitionAsync(task, AgentTaskStatus.Failed);
        string token;
        using (var first = await WatchProbe.OpenAsync(client, new WatchRequest { Ids = { task.Id }, AfterRevision = 0 }))
        {
            await first.UntilAsync(2);
            token = first.Last.ResumeToken;
        }

        await client.TransitionAsync(task, AgentTaskStatus.Queued);
        var request = new WatchRequest { Ids = { task.Id }, ResumeToken = token, StopWhenTerminal = true };
        using (var cut = await WatchProbe.OpenAsync(client, request))
        {
            await cut.UntilAsync(3);
            request.ResumeToken = cut.Last.ResumeToken;
        }

        await client.TransitionAsync(task, AgentTaskStatus.Canceled);
        using var resumed = await WatchProbe.OpenAsync(client, request);
        await resumed.UntilEndAsync();
        Assert.Equal([4], resumed.Events.Select(seen => seen.Change.Revision));
    }

    [Fact]
    public async Task A_watch_that_stops_From_any_start_over_any_log_Ends_exactly_where_all_have_ended()
    {
        using var client = fixture.Server.Client(_organization);
        await Gen.Select(Gen.Int[0, 3].Array[1, 10], Gen.Int[0, 1000]).SampleAsync(
            async (moves, at) =>
            {
                var tasks = new[] { await client.CreateAgentTaskAsync(), await client.CreateAgentTaskAsync() };
                var created = (await client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 1 })).Revision;
                // One move takes one of the two tasks to FAILED and back, so each log has another order of ends and retries.
                var hasFailed = new bool[2];
                foreach (var i in moves.Select(move => move % 2))
                {
                    hasFailed[i] = !hasFailed[i];
                    await client.TransitionAsync(tasks[i], hasFailed[i] ? AgentTaskStatus.Failed : AgentTaskStatus.Queued);
                }

                var start = created - 2 + (at % (moves.Length + 3));
                string[] ids = [.. tasks.Select(task => task.Id)];
                using var watch = await WatchProbe.OpenAsync(client, Stopping(start, ids));
                for (var i = 0; i < tasks.Length; i++)
                {
                    if (!hasFailed[i])
                    {
                        await client.TransitionAsync(tasks[i], AgentTaskStatus.Canceled);
                    }
                }

                await watch.UntilEndAsync();
                var log = await client.Changes.ListChangesAsync(new() { Ids = { ids }, AfterRevision = start, PageSize = 100 });
                Assert.Equal(log.Events, watch.Events);
            },
            iter: 25,
            threads: 1);
    }

    [Fact]
    public async Task A_watch_that_stops_Does_not_wait_for_an_unknown_resource()
    {
        using var client = fixture.Server.Client(_organization);
        using var otherClient = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();
        async Task RefusedAsync(TaskGrpcClient caller, WatchRequest request)
        {
            using var call = caller.Changes.Watch(request);
            await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => call.ResponseStream.MoveNext(CancellationToken.None));
        }

        await RefusedAsync(client, new WatchRequest { Ids = { task.Id, Guid.NewGuid().ToString() }, StopWhenTerminal = true });
        await RefusedAsync(otherClient, new WatchRequest { Ids = { task.Id }, StopWhenTerminal = true });
        await RefusedAsync(client, new WatchRequest { Ids = { task.Id }, Kinds = { ResourceKind.BoardTask }, StopWhenTerminal = true });
    }

    private static WatchRequest Stopping(long after, params string[] ids) =>
        new() { Ids = { ids }, StopWhenTerminal = true, AfterRevision = after };
}
