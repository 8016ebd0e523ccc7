using TaskGrpc.Client;
using TaskGrpc.Testing;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Changes;

/// <summary>Snapshots, and watches that end with their resources.</summary>
public abstract class SnapshotTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Fact]
    public async Task A_snapshot_Is_what_matches_now_and_the_watch_goes_on_from_there()
    {
        using var client = fixture.Server.Client(_organization);
        var stays = await client.CreateAgentTaskAsync(Sample.AgentTask("a"));
        await client.CreateAgentTaskAsync(Sample.AgentTask("b"));
        var gone = await client.CreateAgentTaskAsync(Sample.AgentTask("a"));
        await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = gone.Id });
        await client.CreateBoardTaskAsync(Sample.BoardTask("a"));

        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = "title = \"a\"", Snapshot = true });
        Assert.Equal((0, "", 0, false), (watch.Last.Revision, watch.Last.ResumeToken, watch.Last.Events.Count, watch.Last.SnapshotComplete));
        await watch.UntilAsync(5);

        var state = Assert.Single(watch.Events);
        Assert.Equal((5, ChangeType.Snapshot, FilterMatch.Entered, stays, stays.UpdatedAt), (state.Change.Revision, state.Change.Type, state.Match, state.Change.AgentTask, state.Change.ChangedAt));
        Assert.Equal((null, null, Change.PreviousOneofCase.None), (state.Change.Transition, state.Change.ChangedFields, state.Change.PreviousCase));
        var complete = Assert.Single(watch.Messages, message => message.SnapshotComplete);
        Assert.NotEmpty(complete.ResumeToken);
        Assert.All(watch.Messages.TakeWhile(message => !message.SnapshotComplete), message => Assert.Equal((0, ""), (message.Revision, message.ResumeToken)));

        var next = await client.CreateAgentTaskAsync(Sample.AgentTask("a"));
        await watch.UntilAsync(6);
        Assert.Equal((next, FilterMatch.Entered, ChangeType.Created), (watch.Events.Last().Change.AgentTask, watch.Events.Last().Match, watch.Events.Last().Change.Type));
        using var resumed = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = complete.ResumeToken });
        await resumed.UntilAsync(6);
        Assert.Equal(next, Assert.Single(resumed.Events).Change.AgentTask);
    }

    [Fact]
    public async Task A_snapshot_of_everything_Has_every_kind_and_pages_through_all_of_it()
    {
        using var client = fixture.Server.Client(_organization);
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Range(0, 1000).Select(i => Sample.AgentTask($"a{i}")) } });
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Range(0, 537).Select(i => Sample.AgentTask($"b{i}")) } });
        await client.BoardTasks.BatchCreateBoardTasksAsync(new() { BoardTasks = { Enumerable.Range(0, 513).Select(i => Sample.BoardTask($"c{i}")) } });

        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { Snapshot = true });
        await watch.UntilAsync(3);

        Assert.Equal(1537, watch.Events.Select(seen => seen.Change.AgentTask?.Title).OfType<string>().Distinct().Count());
        Assert.Equal(513, watch.Events.Select(seen => seen.Change.BoardTask?.Title).OfType<string>().Distinct().Count());
        Assert.Equal(2050, watch.Events.Count());
        using var empty = await WatchProbe.OpenAsync(fixture.NewClient(), new WatchRequest { Snapshot = true });
        var message = await empty.NextAsync();
        Assert.Equal((true, 0, 0), (message.SnapshotComplete, message.Revision, message.Events.Count));
        Assert.NotEmpty(message.ResumeToken);
    }

    [Fact]
    public async Task A_snapshot_with_a_start_and_an_end_without_ids_Are_refused()
    {
        using var client = fixture.Server.Client(_organization);
        await Refusal.OfFieldsAsync(() => WatchProbe.OpenAsync(client, new WatchRequest { Snapshot = true, AfterRevision = 0 }), "snapshot");
        await Refusal.OfFieldsAsync(() => WatchProbe.OpenAsync(client, new WatchRequest { StopWhenTerminal = true }), "stop_when_terminal");
    }

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
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = "status = PLANNING", Ids = { task.Id }, StopWhenTerminal = true });
        await watch.UntilAsync(1);
        await client.TransitionAsync(task, AgentTaskStatus.Canceled);
        await watch.UntilEndAsync();
        Assert.Empty(watch.Events);
    }

    [Fact]
    public async Task A_watch_that_stops_Counts_from_its_start()
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        await client.TransitionAsync(task, AgentTaskStatus.Failed);
        await client.TransitionAsync(task, AgentTaskStatus.Queued);
        await client.TransitionAsync(task, AgentTaskStatus.Canceled);

        // At revision 1 it was running, at 2 it had failed, now it is done for good.
        using var fromFirst = await WatchProbe.OpenAsync(client, new WatchRequest { Ids = { task.Id }, StopWhenTerminal = true, AfterRevision = 1 });
        await fromFirst.UntilEndAsync();
        using var fromSecond = await WatchProbe.OpenAsync(client, new WatchRequest { Ids = { task.Id }, StopWhenTerminal = true, AfterRevision = 2 });
        await fromSecond.UntilEndAsync();
        using var now = await WatchProbe.OpenAsync(client, new WatchRequest { Ids = { task.Id }, StopWhenTerminal = true });
        await now.UntilEndAsync();

        Assert.Equal([2], fromFirst.Events.Select(seen => seen.Change.Revision));
        Assert.Empty(fromSecond.Events);
        Assert.Equal((4, ChangeType.Snapshot), (now.Events.Single().Change.Revision, now.Events.Single().Change.Type));
    }

    [Fact]
    public async Task A_watch_that_stops_Does_not_wait_for_an_unknown_resource()
    {
        using var client = fixture.Server.Client(_organization);
        using var stranger = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();
        async Task RefusedAsync(TaskGrpcClient caller, WatchRequest request)
        {
            using var call = caller.Changes.Watch(request);
            await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => call.ResponseStream.MoveNext(CancellationToken.None));
        }

        await RefusedAsync(client, new WatchRequest { Ids = { task.Id, Guid.NewGuid().ToString() }, StopWhenTerminal = true });
        await RefusedAsync(stranger, new WatchRequest { Ids = { task.Id }, StopWhenTerminal = true });
        await RefusedAsync(client, new WatchRequest { Ids = { task.Id }, Kinds = { ResourceKind.BoardTask }, StopWhenTerminal = true });
    }
}
