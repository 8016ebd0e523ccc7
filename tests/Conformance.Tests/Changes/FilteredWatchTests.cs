using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Changes;

public abstract class FilteredWatchTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Fact]
    public async Task A_resource_Enters_stays_and_leaves_by_what_it_was_and_is()
    {
        using var client = fixture.Server.Client(_organization);
        var request = new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = "priority < 10 AND metadata.team = \"blue\"" };
        using var watch = await WatchProbe.OpenAsync(client, request);
        var sample = Sample.AgentTask();
        (sample.Priority, sample.Metadata) = (50, Team("blue"));
        var task = await client.CreateAgentTaskAsync(sample);
        await UpdateAsync(client, new AgentTask { Id = task.Id, Priority = 5 });
        await UpdateAsync(client, new AgentTask { Id = task.Id, Title = "still in" });
        await UpdateAsync(client, new AgentTask { Id = task.Id, Metadata = Team("red") });
        await UpdateAsync(client, new AgentTask { Id = task.Id, Title = "still out" });
        await UpdateAsync(client, new AgentTask { Id = task.Id, Metadata = Team("blue") });
        await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = task.Id });
        await client.CreateBoardTaskAsync();
        var entered = sample.Clone();
        entered.Priority = 1;
        await client.CreateAgentTaskAsync(entered);

        await watch.UntilAsync(9);

        (long, FilterMatch)[] expected = [(2, FilterMatch.Entered), (3, FilterMatch.Stayed), (4, FilterMatch.Left),
            (6, FilterMatch.Entered), (7, FilterMatch.Left), (9, FilterMatch.Entered)];
        Assert.Equal(expected, watch.Events.Select(seen => (seen.Change.Revision, seen.Match)));
        var listed = await client.Changes.ListChangesAsync(new() { Kinds = { ResourceKind.AgentTask }, Filter = request.Filter });
        Assert.Equal(watch.Events, listed.Events);
        Assert.Equal(9, listed.Revision);
        request.AfterRevision = 3;
        using var later = await WatchProbe.OpenAsync(client, request);
        await later.UntilAsync(9);
        Assert.Equal(watch.Events.Skip(2), later.Events);
    }

    [Fact]
    public async Task Transitions_only_with_a_filter_Keeps_transitions_of_what_matches()
    {
        using var client = fixture.Server.Client(_organization);
        using var watch = await WatchProbe.OpenAsync(
            client, new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = "status = PLANNING", TransitionsOnly = true });
        var task = await client.CreateAgentTaskAsync();
        await client.TransitionAsync(task, AgentTaskStatus.Planning);
        await UpdateAsync(client, new AgentTask { Id = task.Id, Title = "x" });
        await client.TransitionAsync(task, AgentTaskStatus.Canceled);
        await watch.UntilAsync(4);
        Assert.Equal([(2, FilterMatch.Entered), (4, FilterMatch.Left)], watch.Events.Select(seen => (seen.Change.Revision, seen.Match)));
    }

    [Fact]
    public async Task A_filter_with_no_kind_or_two_Is_refused()
    {
        using var client = fixture.Server.Client(_organization);
        await Refusal.OfFieldsAsync(() => WatchProbe.OpenAsync(client, new WatchRequest { Filter = "status = QUEUED" }), "filter");
        await Refusal.OfFieldsAsync(() =>
            WatchProbe.OpenAsync(client,
                new WatchRequest { Filter = "status = QUEUED", Kinds = { ResourceKind.AgentTask, ResourceKind.BoardTask } }), "filter");
        await Refusal.OfFieldsAsync(() => client.Changes.ListChangesAsync(new() { Filter = "status = QUEUED" }).ResponseAsync, "filter");
        using var twice = await WatchProbe.OpenAsync(
            client, new WatchRequest { Filter = "status = QUEUED", Kinds = { ResourceKind.AgentTask, ResourceKind.AgentTask } });
    }

    [Fact]
    public async Task A_page_of_a_rare_match_Is_found_at_any_place()
    {
        using var client = fixture.Server.Client(_organization);
        var rare = Sample.AgentTask("rare");
        await client.AgentTasks.BatchCreateAgentTasksAsync(
            new()
            {
                AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), 300).Append(rare)
                .Concat(Enumerable.Repeat(Sample.AgentTask(), 300)) }
            });
        await client.CreateAgentTaskAsync(rare);
        var request = new ListChangesRequest { Kinds = { ResourceKind.AgentTask }, Filter = "title = \"rare\"", PageSize = 1 };
        var found = new List<WatchEvent>();
        do
        {
            var page = await client.Changes.ListChangesAsync(request);
            Assert.InRange(page.Events.Count, 0, 1);
            found.AddRange(page.Events);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        Assert.Equal([1, 2], found.Select(item => item.Change.Revision));
    }

    private static Struct Team(string team) => new() { Fields = { ["team"] = Value.ForString(team) } };

    private static async Task UpdateAsync(Client.TaskGrpcClient client, AgentTask task) =>
        await client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = task });
}
