using CsCheck;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.BoardTasks;

public abstract class SubtaskTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_subtask_May_have_several_parents_and_is_listed_both_ways()
    {
        using var client = fixture.NewClient();
        var tasks = await CreateAsync(client, 3);
        var parent = await AddAsync(client, tasks[0], tasks[2]);
        await AddAsync(client, tasks[1], tasks[2]);

        Assert.Equal(1, parent.SubtaskCount);
        Assert.Equal([tasks[2].Id], await ChildrenAsync(client, tasks[0]));
        Assert.Equal([tasks[1].Id, tasks[0].Id], await ParentsAsync(client, tasks[2]));
        Assert.Empty(await ChildrenAsync(client, tasks[2]));
    }

    [Fact]
    public async Task An_edge_that_exists_or_closes_a_cycle_Is_refused()
    {
        using var client = fixture.NewClient();
        var tasks = await CreateAsync(client, 4);
        await AddAsync(client, tasks[0], tasks[1]);
        await AddAsync(client, tasks[1], tasks[2]);
        await AddAsync(client, tasks[2], tasks[3]);

        await Refusal.OfAsync(ErrorReason.SubtaskExists, () => AddAsync(client, tasks[0], tasks[1]));
        await Refusal.OfAsync(ErrorReason.SubtaskCycle, () => AddAsync(client, tasks[3], tasks[0]));
        await Refusal.OfAsync(ErrorReason.SubtaskCycle, () => AddAsync(client, tasks[1], tasks[0]));
        await Refusal.OfAsync(ErrorReason.SubtaskCycle, () => AddAsync(client, tasks[0], tasks[0]));
        // A diamond is not a cycle.
        await AddAsync(client, tasks[0], tasks[3]);
        Assert.Equal(2, (await GetAsync(client, tasks[0])).SubtaskCount);
    }

    [Fact]
    public async Task Removing_an_edge_Lowers_the_count_and_opens_the_way_back()
    {
        using var client = fixture.NewClient();
        var tasks = await CreateAsync(client, 2);
        await AddAsync(client, tasks[0], tasks[1]);

        var parent = await client.BoardTasks.RemoveSubtaskAsync(new() { ParentId = tasks[0].Id, ChildId = tasks[1].Id });

        Assert.Equal(0, parent.SubtaskCount);
        await Refusal.OfAsync(ErrorReason.ResourceNotFound,
            () => client.BoardTasks.RemoveSubtaskAsync(new() { ParentId = tasks[0].Id, ChildId = tasks[1].Id }).ResponseAsync);
        Assert.Equal(1, (await AddAsync(client, tasks[1], tasks[0])).SubtaskCount);
    }

    [Fact]
    public async Task Deleting_a_task_Removes_its_edges_in_the_same_revision()
    {
        using var client = fixture.NewClient();
        var tasks = await CreateAsync(client, 4);
        await AddAsync(client, tasks[0], tasks[2]);
        await AddAsync(client, tasks[1], tasks[2]);
        await AddAsync(client, tasks[2], tasks[3]);
        using var watch = await WatchProbe.OpenAsync(client);

        var deleted = await client.BoardTasks.DeleteBoardTaskAsync(new() { Id = tasks[2].Id });
        await watch.UntilAsync(watch.Messages[0].Revision + 1);

        Assert.Equal(0, deleted.SubtaskCount);
        Assert.Equal([ChangeType.Deleted, ChangeType.Updated, ChangeType.Updated], watch.Events.Select(seen => seen.Change.Type));
        Assert.Single(watch.Events.Select(seen => seen.Change.Revision).Distinct());
        Assert.Equal(0, (await GetAsync(client, tasks[0])).SubtaskCount);
        Assert.Equal(0, (await GetAsync(client, tasks[1])).SubtaskCount);
        Assert.Empty(await ParentsAsync(client, tasks[3]));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => ChildrenAsync(client, tasks[2]));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => AddAsync(client, tasks[0], tasks[2]));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => AddAsync(client, tasks[2], tasks[0]));
    }

    [Fact]
    public async Task Adding_with_a_stale_etag_of_the_parent_Is_refused()
    {
        using var client = fixture.NewClient();
        var tasks = await CreateAsync(client, 3);
        var parent = await AddAsync(client, tasks[0], tasks[1]);
        await Refusal.OfAsync(ErrorReason.EtagMismatch,
            () => client.BoardTasks.AddSubtaskAsync(
                new() { ParentId = tasks[0].Id, ChildId = tasks[2].Id, Etag = tasks[0].Etag }).ResponseAsync);
        await client.BoardTasks.AddSubtaskAsync(new() { ParentId = tasks[0].Id, ChildId = tasks[2].Id, Etag = parent.Etag });
    }

    [Fact]
    public async Task Subtasks_Are_paged()
    {
        using var client = fixture.NewClient();
        var tasks = await CreateAsync(client, 6);
        foreach (var child in tasks[1..])
        {
            await AddAsync(client, tasks[0], child);
        }

        var seen = new List<string>();
        var request = new ListSubtasksRequest { ParentId = tasks[0].Id, PageSize = 2 };
        do
        {
            var page = await client.BoardTasks.ListSubtasksAsync(request);
            seen.AddRange(page.BoardTasks.Select(task => task.Id));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(tasks[1..].Select(task => task.Id).Reverse(), seen);
        var token = (await client.BoardTasks.ListSubtasksAsync(new() { ParentId = tasks[0].Id, PageSize = 2 })).NextPageToken;
        await Refusal.OfAsync(ErrorReason.InvalidPageToken,
            () => client.BoardTasks.ListSubtasksAsync(new() { ParentId = tasks[1].Id, PageToken = token }).ResponseAsync);
        await Refusal.OfFieldsAsync(() =>
            client.BoardTasks.ListSubtasksAsync(new() { ParentId = tasks[1].Id, PageSize = -1 }).ResponseAsync, "page_size");
    }

    [Fact]
    public async Task Random_edges_sent_at_once_Leave_a_graph_without_cycles_and_with_right_counts()
    {
        var edges = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5], Gen.Bool).Array[30];
        await edges.SampleAsync(
            async steps =>
            {
                using var client = fixture.NewClient();
                var tasks = await CreateAsync(client, 6);
                await Task.WhenAll(steps.Select(step => Record.ExceptionAsync(() => step.Item3
                    ? AddAsync(client, tasks[step.Item1], tasks[step.Item2])
                    : client.BoardTasks.RemoveSubtaskAsync(
                        new() { ParentId = tasks[step.Item1].Id, ChildId = tasks[step.Item2].Id }).ResponseAsync).AsTask()));
                var children = new Dictionary<string, List<string>>();
                foreach (var task in tasks)
                {
                    children[task.Id] = await ChildrenAsync(client, task);
                    Assert.Equal(children[task.Id].Count, (await GetAsync(client, task)).SubtaskCount);
                }

                Assert.All(tasks, task => Assert.DoesNotContain(task.Id, Below(task.Id, children)));
            },
            iter: 15,
            threads: 1);
    }

    private static HashSet<string> Below(string id, Dictionary<string, List<string>> children)
    {
        var below = new HashSet<string>();
        var open = new Stack<string>(children[id]);
        while (open.TryPop(out var next))
        {
            if (below.Add(next))
            {
                children[next].ForEach(open.Push);
            }
        }

        return below;
    }

    private static async Task<BoardTask[]> CreateAsync(TaskGrpcClient client, int count)
    {
        var tasks = new BoardTask[count];
        for (var i = 0; i < count; i++)
        {
            tasks[i] = await client.CreateBoardTaskAsync(Sample.BoardTask($"task {i}"));
        }

        return tasks;
    }

    private static Task<BoardTask> AddAsync(TaskGrpcClient client, BoardTask parent, BoardTask child) =>
        client.BoardTasks.AddSubtaskAsync(new() { ParentId = parent.Id, ChildId = child.Id }).ResponseAsync;

    private static Task<BoardTask> GetAsync(TaskGrpcClient client, BoardTask task) =>
        client.BoardTasks.GetBoardTaskAsync(new() { Id = task.Id }).ResponseAsync;

    private static async Task<List<string>> ChildrenAsync(TaskGrpcClient client, BoardTask task) =>
        [.. (await client.BoardTasks.ListSubtasksAsync(new() { ParentId = task.Id })).BoardTasks.Select(child => child.Id)];

    private static async Task<List<string>> ParentsAsync(TaskGrpcClient client, BoardTask task) =>
        [.. (await client.BoardTasks.ListParentsAsync(new() { ChildId = task.Id })).BoardTasks.Select(parent => parent.Id)];
}
