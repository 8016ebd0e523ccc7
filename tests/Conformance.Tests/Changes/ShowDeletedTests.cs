using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Changes;

/// <summary>With show_deleted a deletion is a change like any other: the filter decides whether the resource stays in the view.</summary>
public abstract class ShowDeletedTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Theory]
    [InlineData("", false, FilterMatch.Left)]
    [InlineData("", true, FilterMatch.Stayed)]
    [InlineData("title = \"a\"", false, FilterMatch.Left)]
    [InlineData("title = \"a\"", true, FilterMatch.Stayed)]
    [InlineData("deleted_at:*", false, FilterMatch.Unspecified)]
    [InlineData("deleted_at:*", true, FilterMatch.Entered)]
    [InlineData("NOT deleted_at:*", true, FilterMatch.Left)]
    [InlineData("title = \"b\"", true, FilterMatch.Unspecified)]
    public async Task A_deletion_Is_judged_by_the_content_of_the_view(string filter, bool showDeleted, FilterMatch match)
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync(Sample.AgentTask("a"));
        var request = new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = filter, ShowDeleted = showDeleted };
        using var live = await WatchProbe.OpenAsync(client, request);
        await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = task.Id });
        await client.CreateAgentTaskAsync(Sample.AgentTask("a"));
        await client.CreateAgentTaskAsync(Sample.AgentTask("b"));

        request.AfterRevision = 1;
        using var later = await WatchProbe.OpenAsync(client, request);
        var listed = await client.Changes.ListChangesAsync(
            new() { Kinds = { request.Kinds }, Filter = filter, ShowDeleted = showDeleted, AfterRevision = 1 });
        foreach (var watch in new[] { live, later })
        {
            await watch.UntilCountAsync(listed.Events.Count);
            Assert.Equal(listed.Events, watch.Events);
        }

        var deletion = listed.Events.SingleOrDefault(seen => seen.Change.Revision == 2);
        Assert.Equal((match, match == FilterMatch.Unspecified ? ChangeType.Unspecified : ChangeType.Deleted),
            (deletion?.Match ?? FilterMatch.Unspecified, deletion?.Change.Type ?? ChangeType.Unspecified));
    }

    [Fact]
    public async Task A_status_of_DELETED_Is_found_in_every_kind_that_has_it()
    {
        using var client = fixture.Server.Client(_organization);
        var monitor = await client.CreateMonitorTaskAsync();
        var execution = await client.CreateTaskExecutionAsync(Sample.TaskExecution(await client.CreateFlowExecutionAsync()));
        using var monitors = await WatchProbe.OpenAsync(client,
            new WatchRequest
            {
                Kinds = { ResourceKind.MonitorTask },
                Filter = "status = DELETED",
                ShowDeleted = true,
                TransitionsOnly = true
            });
        using var executions = await WatchProbe.OpenAsync(
            client, new WatchRequest { Kinds = { ResourceKind.TaskExecution }, Filter = "status = DELETED", ShowDeleted = true });
        await client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = monitor.TaskId });
        await client.TaskExecutions.DeleteTaskExecutionAsync(new() { Id = execution.Id });

        foreach (var watch in new[] { monitors, executions })
        {
            await watch.UntilCountAsync(1);
            Assert.Equal((FilterMatch.Entered, ChangeType.Deleted), (watch.Events.Single().Match, watch.Events.Single().Change.Type));
        }
    }

    [Fact]
    public async Task A_snapshot_Holds_the_deleted_that_match_as_they_were_at_its_revision()
    {
        using var client = fixture.Server.Client(_organization);
        var deleted = await DeletedAsync(client, "a");
        await DeletedAsync(client, "b");
        var living = await client.CreateAgentTaskAsync(Sample.AgentTask("a"));

        Assert.Equal([deleted, living], await SnapshotAsync(client, new() { Filter = "title = \"a\"", ShowDeleted = true }));
        Assert.Equal([living], await SnapshotAsync(client, new() { Filter = "title = \"a\"" }));
        Assert.Equal([deleted], await SnapshotAsync(client, new() { Filter = "title = \"a\" AND deleted_at:*", ShowDeleted = true }));
        Assert.Equal([deleted, living],
            await SnapshotAsync(client, new() { Filter = "title = \"a\"", Ids = { deleted.Id, living.Id }, ShowDeleted = true }));
        Assert.Equal(3, (await SnapshotAsync(client, new() { ShowDeleted = true })).Count);
        Assert.Equal([deleted], await SnapshotAsync(client, new() { Ids = { deleted.Id }, ShowDeleted = true, StopWhenTerminal = true }));
    }

    [Fact]
    public async Task A_view_Equals_the_list_with_show_deleted_at_every_revision()
    {
        using var client = fixture.Server.Client(_organization);
        const string filter = "priority < 100";
        using var watch = await WatchProbe.OpenAsync(
            client, new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = filter, ShowDeleted = true });
        var view = new Dictionary<string, AgentTask>();
        var seen = 0;
        for (var i = 0; i < 8; i++)
        {
            var sample = Sample.AgentTask();
            sample.Priority = i % 2 == 0 ? 1 : 100;
            var task = await client.CreateAgentTaskAsync(sample);
            await client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = new() { Id = task.Id, Priority = i % 4 < 2 ? 1 : 100 } });
            await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = task.Id });
            var list = await client.AgentTasks.ListAgentTasksAsync(new() { Filter = filter, ShowDeleted = true, PageSize = 1000 });
            // The next task enters, so the watch gets a message at or after the list's revision.
            await client.CreateAgentTaskAsync(new AgentTask(Sample.AgentTask()) { Priority = 1 });
            await watch.UntilAsync(list.Revision + 1);
            foreach (var item in watch.Events.Skip(seen).Where(item => item.Change.Revision <= list.Revision))
            {
                Apply(view, item);
                seen++;
            }

            Assert.Equal(list.AgentTasks.OrderBy(found => found.Id, StringComparer.Ordinal),
                view.Values.OrderBy(found => found.Id, StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_page_token_Is_bound_to_it()
    {
        using var client = fixture.Server.Client(_organization);
        await DeletedAsync(client, "a");
        var request = new ListChangesRequest { PageSize = 1, ShowDeleted = true };
        request.PageToken = (await client.Changes.ListChangesAsync(request)).NextPageToken;
        Assert.Equal(FilterMatch.Stayed, (await client.Changes.ListChangesAsync(request)).Events.Single().Match);
        request.ShowDeleted = false;
        await Refusal.OfAsync(ErrorReason.InvalidPageToken, () => client.Changes.ListChangesAsync(request).ResponseAsync);
    }

    [Fact]
    public async Task A_wait_for_a_deletion_that_matches_Ends_with_it()
    {
        using var client = fixture.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync();
        var waiting = client.Changes.ListChangesAsync(
            new()
            {
                Kinds = { ResourceKind.AgentTask },
                Filter = "deleted_at:*",
                ShowDeleted = true,
                AfterRevision = 1,
                Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(20))
            });
        await client.TransitionAsync(task, AgentTaskStatus.Planning);
        await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = task.Id });
        var answer = await waiting;
        Assert.Equal((3L, FilterMatch.Entered), (answer.Events.Single().Change.Revision, answer.Events.Single().Match));
    }

    private static void Apply(Dictionary<string, AgentTask> view, WatchEvent item)
    {
        var task = item.Change.AgentTask;
        Assert.Equal(item.Match == FilterMatch.Entered, !view.ContainsKey(task.Id));
        if (item.Match == FilterMatch.Left)
        {
            view.Remove(task.Id);
        }
        else
        {
            view[task.Id] = task;
        }
    }

    private static async Task<AgentTask> DeletedAsync(TaskGrpcClient client, string title)
    {
        var task = await client.CreateAgentTaskAsync(Sample.AgentTask(title));
        return await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = task.Id });
    }

    private static async Task<List<AgentTask>> SnapshotAsync(TaskGrpcClient client, WatchRequest request)
    {
        request.Kinds.Add(ResourceKind.AgentTask);
        request.Snapshot = true;
        using var watch = await WatchProbe.OpenAsync(client, request);
        while (!watch.Last.SnapshotComplete)
        {
            await watch.NextAsync();
        }

        Assert.All(watch.Events, seen => Assert.Equal((FilterMatch.Entered, ChangeType.Snapshot), (seen.Match, seen.Change.Type)));
        return [.. watch.Events.Select(seen => seen.Change.AgentTask)];
    }
}
