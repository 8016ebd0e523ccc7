using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Changes;

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

        using var watch = await WatchProbe.OpenAsync(
            client, new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = "title = \"a\"", Snapshot = true });
        Assert.Equal(
            (0, "", 0, false), (watch.Last.Revision, watch.Last.ResumeToken, watch.Last.Events.Count, watch.Last.SnapshotComplete));
        await watch.UntilAsync(5);

        var state = Assert.Single(watch.Events);
        Assert.Equal((5, ChangeType.Snapshot, FilterMatch.Entered, stays, stays.UpdatedAt),
            (state.Change.Revision, state.Change.Type, state.Match, state.Change.AgentTask, state.Change.ChangedAt));
        Assert.Equal(
            (null, null, Change.PreviousOneofCase.None), (state.Change.Transition, state.Change.ChangedFields, state.Change.PreviousCase));
        var complete = Assert.Single(watch.Messages, message => message.SnapshotComplete);
        Assert.NotEmpty(complete.ResumeToken);
        Assert.All(watch.Messages.TakeWhile(message => !message.SnapshotComplete),
            message => Assert.Equal((0, ""), (message.Revision, message.ResumeToken)));

        var next = await client.CreateAgentTaskAsync(Sample.AgentTask("a"));
        await watch.UntilAsync(6);
        Assert.Equal((next, FilterMatch.Entered, ChangeType.Created),
            (watch.Events.Last().Change.AgentTask, watch.Events.Last().Match, watch.Events.Last().Change.Type));
        using var resumed = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = complete.ResumeToken });
        await resumed.UntilAsync(6);
        Assert.Equal(next, Assert.Single(resumed.Events).Change.AgentTask);
    }

    [Fact]
    public async Task A_snapshot_of_everything_Has_every_kind_and_pages_through_all_of_it()
    {
        using var client = fixture.Server.Client(_organization);
        await client.AgentTasks.BatchCreateAgentTasksAsync(
            new() { AgentTasks = { Enumerable.Range(0, 1000).Select(i => Sample.AgentTask($"a{i}")) } });
        await client.AgentTasks.BatchCreateAgentTasksAsync(
            new() { AgentTasks = { Enumerable.Range(0, 537).Select(i => Sample.AgentTask($"b{i}")) } });
        await client.BoardTasks.BatchCreateBoardTasksAsync(
            new() { BoardTasks = { Enumerable.Range(0, 513).Select(i => Sample.BoardTask($"c{i}")) } });

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
        await Refusal.OfFieldsAsync(
            () => WatchProbe.OpenAsync(client, new WatchRequest { Snapshot = true, AfterRevision = 0 }), "snapshot");
        await Refusal.OfFieldsAsync(
            () => WatchProbe.OpenAsync(client, new WatchRequest { StopWhenTerminal = true }), "stop_when_terminal");
    }
}
