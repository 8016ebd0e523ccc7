using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

public sealed class ListAsyncTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    [Fact]
    public async Task Every_list_Goes_through_all_its_pages()
    {
        using var client = server.NewClient();
        var parent = await client.CreateBoardTaskAsync();
        foreach (var child in (
            await client.BoardTasks.BatchCreateBoardTasksAsync(
                new() { BoardTasks = { Enumerable.Repeat(Sample.BoardTask(), 5) } })).BoardTasks)
        {
            await client.BoardTasks.AddSubtaskAsync(new() { ParentId = parent.Id, ChildId = child.Id });
        }

        var agents = (
            await client.AgentTasks.BatchCreateAgentTasksAsync(
                new() { AgentTasks = { Enumerable.Range(0, 7).Select(i => Sample.AgentTask($"{i}")) } })).AgentTasks;
        var request = new ListAgentTasksRequest { PageSize = 3, OrderBy = "title" };

        Assert.Equal(agents, await client.ListAgentTasksAsync(request).ToListAsync());
        Assert.Empty(request.PageToken);
        Assert.Equal(7, await client.ListAgentTasksAsync().CountAsync());
        Assert.Equal(6, await client.ListBoardTasksAsync(new() { PageSize = 4 }).CountAsync());
        var children = await client.ListSubtasksAsync(new() { ParentId = parent.Id, PageSize = 2 }).ToListAsync();
        Assert.Equal(5, children.Select(child => child.Id).Distinct().Count());
        Assert.Equal(parent.Id, (await client.ListParentsAsync(new() { ChildId = children[0].Id }).SingleAsync()).Id);
        var changes = await client.ListChangesAsync(new() { PageSize = 2 }).ToListAsync();
        Assert.Equal(1 + 5 + (5 * 1) + 7, changes.Count);
        Assert.Equal(changes.Select(item => item.Change.Revision).Order(), changes.Select(item => item.Change.Revision));
    }

    [Fact]
    public async Task Each_enumeration_Is_whole_and_of_the_request_as_it_was_at_the_call()
    {
        using var client = server.NewClient();
        var parent = await client.CreateBoardTaskAsync();
        foreach (var child in (
            await client.BoardTasks.BatchCreateBoardTasksAsync(
                new() { BoardTasks = { Enumerable.Repeat(Sample.BoardTask(), 3) } })).BoardTasks)
        {
            await client.BoardTasks.AddSubtaskAsync(new() { ParentId = parent.Id, ChildId = child.Id });
        }

        await client.AgentTasks.BatchCreateAgentTasksAsync(
            new() { AgentTasks = { Enumerable.Range(0, 5).Select(i => Sample.AgentTask($"{i}")) } });
        var request = new ListAgentTasksRequest { PageSize = 2, OrderBy = "title" };
        var subtasks = new ListSubtasksRequest { ParentId = parent.Id, PageSize = 2 };
        var changed = new ListChangesRequest { PageSize = 2 };
        var (tasks, children, changes) =
            (client.ListAgentTasksAsync(request), client.ListSubtasksAsync(subtasks), client.ListChangesAsync(changed));
        (request.Filter, subtasks.ParentId, changed.AfterRevision) = ("title = \"none\"", Guid.NewGuid().ToString(), 1_000_000);

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(["0", "1", "2", "3", "4"], await tasks.Select(task => task.Title).ToListAsync());
            Assert.Equal(3, await children.CountAsync());
            Assert.Equal(1 + 3 + 3 + 5, await changes.CountAsync());
        }

        // Two enumerations at the same time do not affect each other.
        await using var one = tasks.GetAsyncEnumerator();
        Assert.True(await one.MoveNextAsync() && await one.MoveNextAsync() && await one.MoveNextAsync());
        Assert.Equal(5, await tasks.CountAsync());
        Assert.True(await one.MoveNextAsync() && await one.MoveNextAsync());
        Assert.Equal("4", one.Current.Title);
        Assert.False(await one.MoveNextAsync());
    }

    [Fact]
    public async Task Pages_Continue_from_a_stored_token_and_start_a_watch()
    {
        using var client = server.NewClient();
        await client.BatchCreateAsync(Enumerable.Range(0, 5).Select(i => Sample.AgentTask($"{i}")));
        var list = client.ListAgentTasksAsync(new() { PageSize = 2, OrderBy = "title" });

        var pages = await list.AsPages().ToListAsync();
        Assert.Equal([2, 2, 1], pages.Select(page => page.Items.Count));
        Assert.Null(pages[^1].NextPageToken);
        Assert.All(pages, page => Assert.Equal(1, page.Revision));

        var rest = await list.AsPages(pages[0].NextPageToken).ToListAsync();
        Assert.Equal(["2", "3", "4"], rest.SelectMany(page => page.Items).Select(task => task.Title));
        var own = client.ListAgentTasksAsync(new() { PageSize = 2, OrderBy = "title", PageToken = pages[1].NextPageToken });
        Assert.Equal("4", (await own.SingleAsync()).Title);
        Assert.Equal("4", Assert.Single((await own.AsPages().SingleAsync()).Items).Title);
        Assert.Empty((await client.ListBoardTasksAsync().AsPages().SingleAsync()).Items);

        // A change after the list is the first event of a watch from its token.
        await client.CreateAsync(Sample.AgentTask("later"));
        await foreach (var item in client.WatchAsync(new() { ResumeToken = pages[0].ResumeToken }).Events())
        {
            Assert.Equal((2, "later"), (item.Change.Revision, item.Change.AgentTask.Title));
            break;
        }

        await Refusal.OfAsync(ErrorReason.InvalidPageToken, async () => await list.AsPages("x").CountAsync());
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await list.AsPages().WithCancellation(cancelled).GetAsyncEnumerator().MoveNextAsync());
    }

    [Fact]
    public async Task A_refusal_and_a_cancellation_End_the_list()
    {
        using var client = server.NewClient();
        await client.CreateAgentTaskAsync();
        await Refusal.OfAsync(
            ErrorReason.InvalidFilter, async () => await client.ListAgentTasksAsync(new() { Filter = "?" }).CountAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await client.ListAgentTasksAsync(cancellationToken: new CancellationToken(canceled: true)).CountAsync());
    }
}
