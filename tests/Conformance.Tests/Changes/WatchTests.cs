using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Sql;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Changes;

public abstract class WatchTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Fact]
    public async Task A_watch_from_now_Opens_at_once_and_sends_later_changes()
    {
        using var client = fixture.Server.Client(_organization);
        await client.CreateAgentTaskAsync();
        using var watch = await WatchProbe.OpenAsync(client);
        Assert.Equal((1, 0), (watch.Last.Revision, watch.Last.Events.Count));
        Assert.NotEmpty(watch.Last.ResumeToken);

        var task = await client.CreateAgentTaskAsync();
        var moved = await client.AgentTasks.TransitionAgentTaskAsync(
            new() { Id = task.Id, Status = AgentTaskStatus.Planning, Reason = "because" });
        await watch.UntilAsync(3);

        var (created, transitioned) = (watch.Events.First(), watch.Events.Last());
        Assert.Equal((2L, ChangeType.Created, FilterMatch.Entered, task),
            (created.Change.Revision, created.Change.Type, created.Match, created.Change.AgentTask));
        Assert.Equal(("", "AGENT_TASK_STATUS_QUEUED"), (created.Change.Transition.From, created.Change.Transition.To));
        Assert.Equal(Change.PreviousOneofCase.None, created.Change.PreviousCase);
        Assert.Equal((3L, ChangeType.Transitioned, FilterMatch.Stayed, moved),
            (transitioned.Change.Revision, transitioned.Change.Type, transitioned.Match, transitioned.Change.AgentTask));
        Assert.Equal(("because", "anna", ActorType.User),
            (transitioned.Change.Reason, transitioned.Change.Actor.Id, transitioned.Change.Actor.Type));
        Assert.Equal(moved.UpdatedAt, transitioned.Change.ChangedAt);
        Assert.Equal(("AGENT_TASK_STATUS_QUEUED", "AGENT_TASK_STATUS_PLANNING"),
            (transitioned.Change.Transition.From, transitioned.Change.Transition.To));
        Assert.Equal(["updated_at", "etag", "status"], transitioned.Change.ChangedFields.Paths);
        Assert.Equal(new AgentTask { UpdatedAt = task.UpdatedAt, Etag = task.Etag, Status = AgentTaskStatus.Queued },
            transitioned.Change.PreviousAgentTask);
    }

    [Fact]
    public async Task A_cleared_field_Is_named_with_its_old_value_and_a_set_one_without()
    {
        using var client = fixture.Server.Client(_organization);
        var sample = Sample.AgentTask();
        sample.Description = "old";
        var task = await client.CreateAgentTaskAsync(sample);
        using var watch = await WatchProbe.OpenAsync(client);
        await client.AgentTasks.UpdateAgentTaskAsync(
            new() { AgentTask = new() { Id = task.Id, EntityId = "e" }, UpdateMask = new() { Paths = { "description", "entity_id" } } });
        await watch.UntilAsync(2);

        var change = watch.Events.Single().Change;
        Assert.Equal((ChangeType.Updated, null), (change.Type, change.Transition));
        Assert.Equal(["updated_at", "etag", "entity_id", "description"], change.ChangedFields.Paths);
        Assert.Equal(("old", false), (change.PreviousAgentTask.Description, change.PreviousAgentTask.HasEntityId));
    }

    [Fact]
    public async Task A_watch_from_a_revision_or_a_token_Goes_on_exactly_there()
    {
        using var client = fixture.Server.Client(_organization);
        for (var i = 0; i < 5; i++)
        {
            await client.CreateAgentTaskAsync(Sample.AgentTask($"task {i + 1}"));
        }

        using var all = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 });
        await all.UntilAsync(5);
        Assert.Equal([1, 2, 3, 4, 5], all.Events.Select(seen => seen.Change.Revision));

        using var some = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 3 });
        await some.UntilAsync(5);
        Assert.Equal([4, 5], some.Events.Select(seen => seen.Change.Revision));

        await client.CreateAgentTaskAsync();
        using var resumed = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = some.Last.ResumeToken });
        await resumed.UntilAsync(6);
        Assert.Equal([6], resumed.Events.Select(seen => seen.Change.Revision));
    }

    [Fact]
    public async Task Bad_starts_Are_refused()
    {
        using var client = fixture.Server.Client(_organization);
        using var otherClient = fixture.NewClient();
        await client.CreateAgentTaskAsync();
        await otherClient.CreateAgentTaskAsync();
        using var watch = await WatchProbe.OpenAsync(client);
        var token = watch.Last.ResumeToken;

        var future = await Refusal.OfAsync(
            ErrorReason.RevisionInFuture, () => WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 2 }));
        Assert.Equal("1", future.Details["current_revision"]);
        await Refusal.OfFieldsAsync(() => WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = -1 }), "after_revision");
        await Refusal.OfAsync(
            ErrorReason.InvalidResumeToken, () => WatchProbe.OpenAsync(otherClient, new WatchRequest { ResumeToken = token }));
        foreach (var malformed in new[] { "", "x", token[1..], token + "=", token + "\n", "B" + token[1..], token.ToUpperInvariant() })
        {
            await Refusal.OfAsync(
                ErrorReason.InvalidResumeToken, () => WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = malformed }));
        }
    }

    [Fact]
    public async Task A_token_of_another_epoch_Is_refused()
    {
        using var client = fixture.Server.Client(_organization);
        await client.CreateAgentTaskAsync();
        using var folder = new TemporaryFolder();
        await using var restored = await TestServer.StartAsync(folder.Path);
        using var elsewhere = restored.Client(_organization);
        await elsewhere.CreateAgentTaskAsync();
        using var watch = await WatchProbe.OpenAsync(client);

        await Refusal.OfAsync(
            ErrorReason.EpochChanged, () => WatchProbe.OpenAsync(elsewhere, new WatchRequest { ResumeToken = watch.Last.ResumeToken }));
    }

    [Fact]
    public async Task An_organization_without_history_Has_an_epoch_that_its_first_change_takes_over()
    {
        using var client = fixture.Server.Client(_organization);
        using var watch = await WatchProbe.OpenAsync(client);
        string[] before =
        [
            watch.Last.ResumeToken,
            (await client.AgentTasks.ListAgentTasksAsync(new())).ResumeToken,
            (await client.Changes.ListChangesAsync(new())).ResumeToken,
        ];
        // No read has written to the log.
        var store = fixture.Server.Services.GetRequiredService<TaskStore>();
        using (var db = store.Connect())
        using (var row = new Query(db.Connection, "SELECT 1 FROM organizations WHERE id = @id", "@id"))
        {
            Assert.Null(row.Scalar(_organization));
        }

        await client.CreateAgentTaskAsync();
        await watch.UntilAsync(1);
        Assert.NotEqual(Guid.Empty, EpochOf(watch.Last.ResumeToken));
        string[] after = [watch.Last.ResumeToken, (await client.Changes.ListChangesAsync(new())).ResumeToken];
        Assert.All(before.Concat(after), token => Assert.Equal(EpochOf(watch.Last.ResumeToken), EpochOf(token)));
        foreach (var token in before)
        {
            using var resumed = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = token });
            await resumed.UntilAsync(1);
            Assert.Single(resumed.Events);
        }
    }

    [Fact]
    public async Task A_token_of_a_release_before_the_stores_epoch_Goes_on()
    {
        using var client = fixture.Server.Client(_organization);
        var token = new ResumeToken(new(_organization), Guid.Empty, 0).ToString();
        using var before = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = token });
        await client.CreateAgentTaskAsync();
        using var after = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = token });
        await Task.WhenAll(before.UntilAsync(1), after.UntilAsync(1));
        Assert.Equal(before.Events, after.Events);
        // The token means the log's beginning, and no other revision.
        var elsewhere = new ResumeToken(new(_organization), Guid.Empty, 1).ToString();
        await Refusal.OfAsync(ErrorReason.EpochChanged, () => WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = elsewhere }));
    }

    [Fact]
    public async Task A_watch_of_an_organization_without_history_Sees_its_first_change_and_its_tokens_hold()
    {
        using var client = fixture.Server.Client(_organization);
        using var watch = await WatchProbe.OpenAsync(client);
        Assert.Equal(0, watch.Last.Revision);
        var before = watch.Last.ResumeToken;
        await client.CreateAgentTaskAsync();
        await watch.UntilAsync(1);

        using var again = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = before });
        await again.UntilAsync(1);
        Assert.Single(again.Events);
        using var after = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = watch.Last.ResumeToken });
        Assert.Equal((1, 0), (after.Last.Revision, after.Last.Events.Count));
    }

    [Fact]
    public async Task Kinds_ids_and_transitions_Narrow_a_watch()
    {
        using var client = fixture.Server.Client(_organization);
        using var boards = await WatchProbe.OpenAsync(client, new WatchRequest { Kinds = { ResourceKind.BoardTask } });
        using var transitions = await WatchProbe.OpenAsync(client, new WatchRequest { TransitionsOnly = true });
        var task = await client.CreateAgentTaskAsync();
        using var one = await WatchProbe.OpenAsync(
            client, new WatchRequest { Ids = { task.Id }, HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
        var board = await client.CreateBoardTaskAsync();
        await client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = new() { Id = task.Id, Title = "x" } });
        await client.TransitionAsync(task, AgentTaskStatus.Planning);
        await client.BoardTasks.DeleteBoardTaskAsync(new() { Id = board.Id });

        await boards.UntilCountAsync(2);
        await transitions.UntilCountAsync(4);
        await one.UntilAsync(5);

        Assert.Equal(
            [(2, ChangeType.Created), (5, ChangeType.Deleted)], boards.Events.Select(seen => (seen.Change.Revision, seen.Change.Type)));
        Assert.Equal([(1, ChangeType.Created), (2, ChangeType.Created), (4, ChangeType.Transitioned), (5, ChangeType.Deleted)],
            transitions.Events.Select(seen => (seen.Change.Revision, seen.Change.Type)));
        Assert.Equal(FilterMatch.Left, boards.Events.Last().Match);
        Assert.Equal([3, 4], one.Events.Select(seen => seen.Change.Revision));
    }

    [Fact]
    public async Task An_unknown_id_Is_waited_for()
    {
        using var client = fixture.Server.Client(_organization);
        var child = await client.CreateAgentTaskAsync();
        using var watch =
            await WatchProbe.OpenAsync(client, new WatchRequest { Ids = { Guid.NewGuid().ToString(), child.Id }, AfterRevision = 0 });
        await watch.UntilCountAsync(1);
        Assert.Equal(child.Id, watch.Events.Single().Change.AgentTask.Id);
    }

    [Fact]
    public async Task A_heartbeat_Moves_past_what_was_filtered_out()
    {
        using var client = fixture.Server.Client(_organization);
        using var watch = await WatchProbe.OpenAsync(client,
            new WatchRequest { Ids = { Guid.NewGuid().ToString() }, HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
        await client.CreateAgentTaskAsync();
        await client.CreateBoardTaskAsync();

        await watch.UntilAsync(2);

        Assert.Empty(watch.Events);
        using var resumed = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = watch.Last.ResumeToken });
        Assert.Equal(2, resumed.Last.Revision);
    }

    [Fact]
    public async Task All_events_of_one_revision_Come_in_one_message()
    {
        using var client = fixture.Server.Client(_organization);
        using var watch = await WatchProbe.OpenAsync(client);
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), 700) } });
        await client.CreateAgentTaskAsync();
        await watch.UntilAsync(2);

        var message = watch.Messages.Single(message => message.Events.Any(seen => seen.Change.Revision == 1));
        Assert.Equal(700, message.Events.Count(seen => seen.Change.Revision == 1));
        Assert.All(watch.Messages, message => Assert.NotEmpty(message.ResumeToken));
    }

    [Theory]
    [InlineData(5, 100, 1)]
    [InlineData(18, 65_000, 6)]
    public async Task Revisions_Share_a_message_while_they_fit_into_it_whole(int tasks, int characters, int messages)
    {
        using var client = fixture.Server.Client(_organization);
        var task = Sample.AgentTask();
        task.Description = new string('x', characters);
        for (var i = 0; i < 6; i++)
        {
            await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(task, tasks) } });
        }

        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 });
        await watch.UntilAsync(6);

        var sent = watch.Messages.Where(message => message.Events.Count > 0).ToArray();
        Assert.Equal(messages, sent.Length);
        Assert.Equal(Enumerable.Range(1, 6).SelectMany(revision => Enumerable.Repeat((long)revision, tasks)),
            sent.SelectMany(message => message.Events).Select(seen => seen.Change.Revision));
        Assert.All(sent, message => Assert.Equal(message.Events[^1].Change.Revision, message.Revision));
    }

    [Fact]
    public async Task A_revision_of_more_than_two_mebibytes_Comes_in_parts_and_only_the_last_has_progress()
    {
        using var client = fixture.Server.Client(_organization);
        var large = Sample.AgentTask();
        large.Description = new string('x', 65_000);
        using var watch = await WatchProbe.OpenAsync(client);
        await client.CreateAgentTaskAsync();
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(large, 45) } });
        await watch.UntilAsync(2);

        var parts = watch.Messages.Where(message => message.Events.Any(seen => seen.Change.Revision == 2)).ToArray();
        Assert.True(parts.Length > 1);
        Assert.Equal(45, parts.Sum(part => part.Events.Count));
        Assert.All(parts[..^1], part => Assert.Equal((0L, ""), (part.Revision, part.ResumeToken)));
        Assert.All(parts, part => Assert.InRange(part.CalculateSize(), 1, (2 * 1024 * 1024) + 4096));
        Assert.Equal(2, parts[^1].Revision);
    }

    [Theory]
    [InlineData(0, 999_999_999)]
    [InlineData(600, 1)]
    [InlineData(-5, 0)]
    public async Task A_heartbeat_interval_out_of_range_Is_refused(long seconds, int nanos)
    {
        using var client = fixture.Server.Client(_organization);
        await Refusal.OfFieldsAsync(() =>
            WatchProbe.OpenAsync(client, new WatchRequest { HeartbeatInterval = new Duration { Seconds = seconds, Nanos = nanos } }),
            "heartbeat_interval");
    }

    [Fact]
    public async Task Bad_selections_Are_refused()
    {
        using var client = fixture.Server.Client(_organization);
        await Refusal.OfFieldsAsync(() =>
            WatchProbe.OpenAsync(client, new WatchRequest { Kinds = { ResourceKind.Unspecified, (ResourceKind)77 } }), "kinds[0]",
            "kinds[1]");
        await Refusal.OfFieldsAsync(() => WatchProbe.OpenAsync(client, new WatchRequest { Ids = { "x" } }), "ids[0]");
        await Refusal.OfFieldsAsync(() =>
            WatchProbe.OpenAsync(client, new WatchRequest { Ids = { Enumerable.Range(0, 1001).Select(_ => Guid.NewGuid().ToString()) } }),
            "ids");
        using var most = await WatchProbe.OpenAsync(
            client, new WatchRequest { Ids = { Enumerable.Range(0, 1000).Select(_ => Guid.NewGuid().ToString()) } });
    }

    [Fact]
    public async Task Two_hundred_watches_at_once_See_every_change_in_order()
    {
        using var client = fixture.Server.Client(_organization);
        var watches = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => WatchProbe.OpenAsync(client)));

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.CreateAgentTaskAsync()));
        await Task.WhenAll(watches.Select(watch => watch.UntilAsync(100)));

        foreach (var watch in watches)
        {
            Assert.Equal(Enumerable.Range(1, 100), watch.Events.Select(seen => (int)seen.Change.Revision));
            watch.Dispose();
        }
    }

    private Guid EpochOf(string token) => ResumeToken.Parse(token, _organization).Epoch;
}
