using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Changes;

public abstract class ListChangesTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Pages_Hold_what_a_watch_sends(int pageSize)
    {
        using var client = fixture.Server.Client(_organization);
        var first = await client.CreateAgentTaskAsync();
        await client.BoardTasks.BatchCreateBoardTasksAsync(new() { BoardTasks = { Enumerable.Repeat(Sample.BoardTask(), 5) } });
        await client.TransitionAsync(first, AgentTaskStatus.Planning);
        await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = first.Id });
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 });
        await watch.UntilAsync(4);

        foreach (var request in new ListChangesRequest[] { new(), new() { Ids = { first.Id } },
            new() { Kinds = { ResourceKind.BoardTask } }, new() { AfterRevision = 2 } })
        {
            request.PageSize = pageSize;
            var listed = new List<WatchEvent>();
            ListChangesResponse page;
            do
            {
                page = await client.Changes.ListChangesAsync(request);
                Assert.InRange(page.Events.Count, 0, pageSize);
                listed.AddRange(page.Events);
                request.PageToken = page.NextPageToken;
            }
            while (page.NextPageToken.Length > 0);

            var wanted = watch.Events.Where(seen =>
                seen.Change.Revision > request.AfterRevision
                && (request.Kinds.Count == 0 || seen.Change.ResourceCase == Change.ResourceOneofCase.BoardTask)
                && (request.Ids.Count == 0 || seen.Change.AgentTask?.Id == first.Id));
            Assert.Equal(wanted, listed);
            Assert.Equal((4L, 1L), (page.Revision, page.OldestRevision));
            using var following = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = page.ResumeToken });
            Assert.Equal(4, following.Last.Revision);
        }
    }

    [Fact]
    public async Task Bad_requests_Are_refused()
    {
        using var client = fixture.Server.Client(_organization);
        await client.BoardTasks.BatchCreateBoardTasksAsync(new() { BoardTasks = { Enumerable.Repeat(Sample.BoardTask(), 5) } });
        var token = (await client.Changes.ListChangesAsync(new() { PageSize = 2 })).NextPageToken;

        await Refusal.OfAsync(
            ErrorReason.RevisionInFuture, () => client.Changes.ListChangesAsync(new() { AfterRevision = 2 }).ResponseAsync);
        await Refusal.OfFieldsAsync(() => client.Changes.ListChangesAsync(new() { AfterRevision = -1, PageSize = -1 }).ResponseAsync,
            "after_revision", "page_size");
        await Refusal.OfAsync(ErrorReason.InvalidPageToken,
            () => client.Changes.ListChangesAsync(new() { PageToken = token, AfterRevision = 0 }).ResponseAsync);
        await Refusal.OfAsync(
            ErrorReason.InvalidPageToken, () => client.Changes.ListChangesAsync(new() { PageToken = "x" }).ResponseAsync);
    }

    [Fact]
    public async Task A_page_token_of_another_epoch_Is_refused()
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string?> { ["Storage:KeyDirectory"] = Path.Combine(folder.Path, "keys") };
        await using var lost = await TestServer.StartAsync(Path.Combine(folder.Path, "lost"), settings: settings);
        await using var restored = await TestServer.StartAsync(Path.Combine(folder.Path, "restored"), settings: settings);
        using TaskGrpc.Client.TaskGrpcClient client = lost.Client(_organization), elsewhere = restored.Client(_organization);
        foreach (var each in new[] { client, elsewhere })
        {
            await each.CreateAgentTaskAsync();
            await each.CreateAgentTaskAsync();
        }

        var token = (await client.Changes.ListChangesAsync(new() { PageSize = 1 })).NextPageToken;
        await Refusal.OfAsync(
            ErrorReason.EpochChanged, () => elsewhere.Changes.ListChangesAsync(new() { PageSize = 1, PageToken = token }).ResponseAsync);
    }

    [Fact]
    public async Task An_empty_log_Has_no_changes_and_a_token_to_go_on_from()
    {
        using var client = fixture.Server.Client(_organization);
        var page = await client.Changes.ListChangesAsync(new());
        Assert.Equal((0, "", 1L, 0L), (page.Events.Count, page.NextPageToken, page.OldestRevision, page.Revision));
        await client.CreateBoardTaskAsync();
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = page.ResumeToken });
        await watch.UntilCountAsync(1);
    }

    [Fact]
    public async Task A_wait_Ends_with_the_first_change_that_matches()
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        var waiting = client.Changes.ListChangesAsync(
            new() { AfterRevision = 1, Ids = { task.Id }, Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)) }).ResponseAsync;
        await client.CreateAgentTaskAsync();
        var moved = await client.TransitionAsync(task, AgentTaskStatus.Planning);

        var page = await waiting.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(moved, Assert.Single(page.Events).Change.AgentTask);
        Assert.Equal((3L, ""), (page.Revision, page.NextPageToken));
        // The call does not wait for changes that exist already.
        var again = await client.Changes.ListChangesAsync(
            new() { AfterRevision = 1, Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)) });
        Assert.Equal(2, again.Events.Count);
    }

    [Fact]
    public async Task A_wait_without_a_match_Ends_in_time_and_returns_its_progress()
    {
        using var client = fixture.Server.Client(_organization);
        await client.CreateAgentTaskAsync();
        var page = await client.Changes.ListChangesAsync(
            new() { Ids = { Guid.NewGuid().ToString() }, Wait = new Duration { Nanos = 50_000_000 } });
        Assert.Equal((0, 1L, ""), (page.Events.Count, page.Revision, page.NextPageToken));
        Assert.NotEmpty(page.ResumeToken);
        // Over HTTP a wait that an earlier test has canceled ends a moment later.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (fixture.Server.OpenWatches > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
        }
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    public async Task A_wait_out_of_range_Is_refused(long seconds, int nanos)
    {
        using var client = fixture.Server.Client(_organization);
        await Refusal.OfFieldsAsync(() =>
            client.Changes.ListChangesAsync(new() { Wait = new Duration { Seconds = seconds, Nanos = nanos } }).ResponseAsync, "wait");
    }
}
