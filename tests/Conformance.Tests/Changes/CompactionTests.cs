using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Client;
using TaskGrpc.Server.Watching;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Changes;

/// <summary>Compaction removes whole revisions past their retention, and calls that need them get REVISION_COMPACTED.</summary>
public abstract class CompactionTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Fact]
    public async Task The_boundary_Is_where_it_says()
    {
        using var client = fixture.Server.Client(_organization);
        for (var i = 0; i < 5; i++)
        {
            await client.CreateAgentTaskAsync();
        }

        await fixture.Server.CompactAsync();
        const long compacted = 5;
        var kept = await client.CreateAgentTaskAsync();

        await OpensAsync(client, compacted, [6]);
        await OpensAsync(client, compacted + 1, []);
        foreach (var tooOld in new[] { 0, compacted - 1 })
        {
            var refusal = await Refusal.OfAsync(
                ErrorReason.RevisionCompacted, () => WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = tooOld }));
            Assert.Equal("6", refusal.Details["oldest_revision"]);
            await Refusal.OfAsync(
                ErrorReason.RevisionCompacted, () => client.Changes.ListChangesAsync(new() { AfterRevision = tooOld }).ResponseAsync);
            await Refusal.OfAsync(ErrorReason.RevisionCompacted,
                () => client.Changes.ListChangesAsync(new() { AfterRevision = tooOld, Ids = { kept.Id } }).ResponseAsync);
        }

        var future = await Refusal.OfAsync(
            ErrorReason.RevisionInFuture, () => WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 7 }));
        Assert.Equal("6", future.Details["current_revision"]);
        var log = await client.Changes.ListChangesAsync(new());
        Assert.Equal((6L, 6L, kept), (log.OldestRevision, log.Revision, log.Events.Single().Change.AgentTask));
    }

    [Fact]
    public async Task A_token_from_before_Is_refused_and_a_snapshot_still_has_everything()
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        string token;
        using (var watch = await WatchProbe.OpenAsync(client))
        {
            token = watch.Last.ResumeToken;
        }

        var moved = await client.TransitionAsync(task, AgentTaskStatus.Planning);
        await fixture.Server.CompactAsync();

        await Refusal.OfAsync(ErrorReason.RevisionCompacted, () => WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = token }));
        using var snapshot = await WatchProbe.OpenAsync(client, new WatchRequest { Snapshot = true });
        await snapshot.UntilAsync(2);
        Assert.Equal(moved, snapshot.Events.Single().Change.AgentTask);
        var log = await client.Changes.ListChangesAsync(new());
        Assert.Equal((3L, 2L, 0), (log.OldestRevision, log.Revision, log.Events.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_follows_the_advice_Loses_no_change_that_is_kept(bool isIdle)
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        string token;
        using (var watch = await WatchProbe.OpenAsync(client))
        {
            token = watch.Last.ResumeToken;
        }

        await client.CreateAgentTaskAsync();
        await client.CreateAgentTaskAsync();
        var pages = new ListChangesRequest { PageSize = 1 };
        pages.PageToken = (await client.Changes.ListChangesAsync(pages)).NextPageToken;
        await fixture.Server.CompactAsync();
        long[] kept = isIdle ? [] : [4, 5];
        foreach (var _ in kept)
        {
            await client.CreateAgentTaskAsync();
        }

        foreach (var call in new Func<Task>[]
        {
            () => WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 }),
            () => WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = token }),
            () => WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 1, Ids = { task.Id }, StopWhenTerminal = true }),
            () => client.Changes.ListChangesAsync(new() { AfterRevision = 2 }).ResponseAsync,
            () => client.Changes.ListChangesAsync(
                new() { AfterRevision = 0, Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(20)) }).ResponseAsync,
            () => client.Changes.ListChangesAsync(pages).ResponseAsync,
        })
        {
            var refusal = await Refusal.OfAsync(ErrorReason.RevisionCompacted, call);
            Assert.Equal(("4", "3"), (refusal.Details["oldest_revision"], refusal.Details["after_revision"]));
            Assert.Contains(
                "set after_revision to 3 and leave resume_token and page_token unset", refusal.Status.Detail, StringComparison.Ordinal);
            var advised = long.Parse(refusal.Details["after_revision"], System.Globalization.CultureInfo.InvariantCulture);

            using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = advised });
            await watch.UntilAsync(3 + kept.Length);
            Assert.Equal(kept, watch.Events.Select(seen => seen.Change.Revision));
            var page = await client.Changes.ListChangesAsync(new() { AfterRevision = advised });
            Assert.Equal(kept, page.Events.Select(seen => seen.Change.Revision));
        }
    }

    [Fact]
    public async Task The_timeline_of_a_living_resource_whose_creation_is_gone_Says_where_it_begins()
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        await client.TransitionAsync(task, AgentTaskStatus.Planning);
        await fixture.Server.CompactAsync();

        // No change is left in the log; the answer's oldest_revision says from where the log is complete.
        var none = await client.Changes.ListChangesAsync(new() { Ids = { task.Id } });
        Assert.Equal((0, 3L, 2L), (none.Events.Count, none.OldestRevision, none.Revision));
        await Refusal.OfAsync(ErrorReason.RevisionCompacted,
            () => client.Changes.ListChangesAsync(new() { Ids = { task.Id }, AfterRevision = 0 }).ResponseAsync);

        await client.CreateAgentTaskAsync();
        await client.TransitionAsync(task, AgentTaskStatus.Blocked);
        var rest = await client.Changes.ListChangesAsync(new() { Ids = { task.Id } });
        Assert.Equal((3L, 4L), (rest.OldestRevision, Assert.Single(rest.Events).Change.Revision));
        var waited = await client.Changes.ListChangesAsync(
            new() { Ids = { task.Id }, AfterRevision = 2, Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(20)) });
        Assert.Equal(rest.Events, waited.Events);
    }

    [Fact]
    public async Task A_revision_larger_than_a_batch_of_compaction_Goes_as_a_whole()
    {
        using var client = fixture.Server.Client(_organization);
        await client.BoardTasks.BatchCreateBoardTasksAsync(new() { BoardTasks = { Enumerable.Repeat(Sample.BoardTask(), 1000) } });
        await client.BoardTasks.BatchCreateBoardTasksAsync(new() { BoardTasks = { Enumerable.Repeat(Sample.BoardTask(), 1000) } });
        await fixture.Server.CompactAsync();
        Assert.Equal(3, (await client.Changes.ListChangesAsync(new())).OldestRevision);
    }

    [Fact]
    public async Task A_change_within_the_retention_Stays()
    {
        using var client = fixture.Server.Client(_organization);
        await client.CreateAgentTaskAsync();
        await fixture.Server.Services.GetRequiredService<Compactor>()
            .CompactAsync(TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(30), default);
        Assert.Equal(1, (await client.Changes.ListChangesAsync(new())).OldestRevision);
    }

    private static async Task OpensAsync(TaskGrpcClient client, long after, long[] revisions)
    {
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = after });
        await watch.UntilAsync(6);
        Assert.Equal(revisions, watch.Events.Select(seen => seen.Change.Revision));
    }
}
