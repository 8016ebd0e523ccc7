using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.BoardTasks;

/// <summary>The graph of blockers, and the count of open blockers that each task shows.</summary>
public abstract class BlockerTests(ServerFixture fixture) : IDisposable
{
    private readonly TaskGrpcClient _client = fixture.NewClient();

    public void Dispose()
    {
        _client.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_task_May_have_several_blockers_and_is_listed_both_ways()
    {
        var tasks = await _client.CreateAssignedAsync(3);
        await _client.BlockAsync(tasks[2], tasks[0]);
        var blocked = await _client.BlockAsync(tasks[2], tasks[1]);

        Assert.Equal((tasks[2].Id, 2), (blocked.Id, blocked.OpenBlockers));
        Assert.Equal(tasks[..2].Select(task => task.Id).Order(StringComparer.Ordinal),
            (await _client.BlockersAsync(tasks[2])).Order(StringComparer.Ordinal));
        Assert.Equal([tasks[2].Id], await _client.BlockedAsync(tasks[0]));
        Assert.Empty(await _client.BlockersAsync(tasks[0]));
        Assert.Equal(0, (await _client.GetAsync(tasks[0])).OpenBlockers);
        var found = await _client.BoardTasks.ListBoardTasksAsync(new() { Filter = "open_blockers = 2" });
        Assert.Equal([blocked], found.BoardTasks);
    }

    [Fact]
    public async Task An_edge_that_exists_or_closes_a_cycle_Is_refused()
    {
        var tasks = await _client.CreateAssignedAsync(4);
        for (var i = 1; i < tasks.Length; i++)
        {
            await _client.BlockAsync(tasks[i], tasks[i - 1]);
        }

        await Refusal.OfAsync(ErrorReason.BlockerExists, () => _client.BlockAsync(tasks[1], tasks[0]));
        await Refusal.OfAsync(ErrorReason.BlockerCycle, () => _client.BlockAsync(tasks[0], tasks[3]));
        await Refusal.OfAsync(ErrorReason.BlockerCycle, () => _client.BlockAsync(tasks[0], tasks[1]));
        var self = await Refusal.OfAsync(ErrorReason.BlockerCycle, () => _client.BlockAsync(tasks[0], tasks[0]));
        Assert.Equal(Grpc.Core.StatusCode.FailedPrecondition, self.StatusCode);
        Assert.Equal(0, (await _client.GetAsync(tasks[0])).OpenBlockers);
        // A diamond is not a cycle, nor is a subtask that blocks its parent.
        Assert.Equal(2, (await _client.BlockAsync(tasks[3], tasks[0])).OpenBlockers);
        await _client.BoardTasks.AddSubtaskAsync(new() { ParentId = tasks[3].Id, ChildId = tasks[0].Id });
        // A DONE task is part of the graph still: it may go back to BACKLOG.
        await _client.FinishAsync(tasks[1]);
        await Refusal.OfAsync(ErrorReason.BlockerCycle, () => _client.BlockAsync(tasks[0], tasks[2]));
    }

    [Fact]
    public async Task Removing_an_edge_Lowers_the_count_and_opens_the_way_back()
    {
        var tasks = await _client.CreateAssignedAsync(2);
        await _client.BlockAsync(tasks[1], tasks[0]);
        Assert.Equal(0, (await _client.UnblockAsync(tasks[1], tasks[0])).OpenBlockers);

        var gone = await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => _client.UnblockAsync(tasks[1], tasks[0]));
        Assert.Contains(tasks[0].Id, gone.Status.Detail, StringComparison.Ordinal);
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => _client.UnblockAsync(tasks[0], tasks[1]));
        Assert.Equal(1, (await _client.BlockAsync(tasks[0], tasks[1])).OpenBlockers);
    }

    [Fact]
    public async Task A_blocker_that_is_DONE_or_goes_back_Changes_all_that_it_blocks_in_its_own_revision()
    {
        var tasks = await _client.CreateAssignedAsync(3);
        await _client.BlockAsync(tasks[1], tasks[0]);
        await _client.BlockAsync(tasks[2], tasks[0]);
        await _client.TransitionAsync(tasks[0], BoardTaskStatus.Assigned);
        await _client.TransitionAsync(tasks[0], BoardTaskStatus.Running);
        Assert.Equal(1, (await _client.GetAsync(tasks[1])).OpenBlockers);

        await SharesItsRevisionAsync(() => _client.TransitionAsync(tasks[0], BoardTaskStatus.Done), openBlockers: 0);
        await SharesItsRevisionAsync(() => _client.TransitionAsync(tasks[0], BoardTaskStatus.Backlog), openBlockers: 1);

        async Task SharesItsRevisionAsync(Func<Task> move, int openBlockers)
        {
            var changes = await ChangesAsync(move);
            Assert.Equal([ChangeType.Transitioned, ChangeType.Updated, ChangeType.Updated], changes.Select(change => change.Type));
            Assert.Equal(tasks[1..].Select(task => (task.Id, openBlockers)),
                changes[1..].Select(change => (change.BoardTask.Id, change.BoardTask.OpenBlockers))
                    .OrderBy(change => change.Id, StringComparer.Ordinal));
            Assert.All(changes[1..], change => Assert.Equal(
                ["etag", "open_blockers", "updated_at"], change.ChangedFields.Paths.Order(StringComparer.Ordinal)));
            Assert.All(changes, change => Assert.Equal("anna", change.Actor.Id));
        }
    }

    [Fact]
    public async Task A_blocker_that_is_DONE_already_Counts_once_it_goes_back()
    {
        var tasks = await _client.CreateAssignedAsync(2);
        await _client.FinishAsync(tasks[0]);
        var head = await _client.HeadAsync();
        var blocked = await _client.BlockAsync(tasks[1], tasks[0]);
        Assert.Equal(tasks[1], blocked);
        Assert.Equal(head, await _client.HeadAsync());
        Assert.Equal([tasks[0].Id], await _client.BlockersAsync(tasks[1]));

        await _client.TransitionAsync(tasks[0], BoardTaskStatus.Backlog);
        Assert.Equal(1, (await _client.GetAsync(tasks[1])).OpenBlockers);
        await _client.FinishAsync(tasks[0]);
        Assert.Equal(0, (await _client.UnblockAsync(tasks[1], tasks[0])).OpenBlockers);
        Assert.Empty(await _client.BlockersAsync(tasks[1]));
    }

    [Fact]
    public async Task Deleting_either_end_Removes_the_edge_in_the_same_revision()
    {
        var tasks = await _client.CreateAssignedAsync(4);
        await _client.BlockAsync(tasks[1], tasks[0]);
        await _client.BlockAsync(tasks[2], tasks[1]);
        await _client.BlockAsync(tasks[3], tasks[1]);

        var changes = await ChangesAsync(() => _client.DeleteBoardTaskAsync(tasks[1].Id));
        Assert.Equal([ChangeType.Deleted, ChangeType.Updated, ChangeType.Updated], changes.Select(change => change.Type));
        Assert.All(changes, change => Assert.Equal(0, change.BoardTask.OpenBlockers));
        Assert.Empty(await _client.BlockedAsync(tasks[0]));
        Assert.Empty(await _client.BlockersAsync(tasks[2]));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => _client.BlockersAsync(tasks[1]));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => _client.BlockedAsync(tasks[1]));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => _client.BlockAsync(tasks[1], tasks[0]));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => _client.BlockAsync(tasks[0], tasks[1]));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => _client.UnblockAsync(tasks[2], tasks[1]));
        // The way is open that led over the deleted task.
        Assert.Equal(1, (await _client.BlockAsync(tasks[0], tasks[2])).OpenBlockers);
    }

    [Fact]
    public async Task Deleting_a_blocker_that_is_DONE_Changes_no_other_task()
    {
        var tasks = await _client.CreateAssignedAsync(3);
        await _client.BlockAsync(tasks[2], tasks[0]);
        await _client.BlockAsync(tasks[2], tasks[1]);
        await _client.FinishAsync(tasks[0]);
        Assert.Single(await ChangesAsync(() => _client.DeleteBoardTaskAsync(tasks[0].Id)));
        Assert.Equal(1, (await _client.GetAsync(tasks[2])).OpenBlockers);
        Assert.Equal([tasks[1].Id], await _client.BlockersAsync(tasks[2]));
    }

    [Fact]
    public async Task Deleting_a_subtask_that_blocks_its_parent_Changes_the_parent_once()
    {
        var tasks = await _client.CreateAssignedAsync(2);
        await _client.BoardTasks.AddSubtaskAsync(new() { ParentId = tasks[1].Id, ChildId = tasks[0].Id });
        var parent = await _client.BlockAsync(tasks[1], tasks[0]);
        Assert.Equal((1, 1), (parent.SubtaskCount, parent.OpenBlockers));

        var changes = await ChangesAsync(() => _client.DeleteBoardTaskAsync(tasks[0].Id));
        Assert.Equal([tasks[0].Id, tasks[1].Id], changes.Select(change => change.BoardTask.Id));
        Assert.Equal((0, 0), (changes[1].BoardTask.SubtaskCount, changes[1].BoardTask.OpenBlockers));
    }

    [Fact]
    public async Task The_etag_of_the_blocked_task_Is_compared_after_both_tasks_are_found()
    {
        var tasks = await _client.CreateAssignedAsync(3);
        var blocked = await _client.BlockAsync(tasks[1], tasks[0]);
        var unknown = new BoardTask { Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString() };

        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => _client.BlockAsync(tasks[1], tasks[2], tasks[1].Etag));
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => _client.UnblockAsync(tasks[1], tasks[0], tasks[1].Etag));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => _client.BlockAsync(tasks[1], unknown, tasks[1].Etag));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => _client.BlockAsync(unknown, tasks[0], tasks[1].Etag));
        Assert.Equal(2, (await _client.BlockAsync(tasks[1], tasks[2], blocked.Etag)).OpenBlockers);
    }

    [Fact]
    public async Task A_repeated_request_Adds_and_counts_once()
    {
        var tasks = await _client.CreateAssignedAsync(2);
        var add = new AddBlockerRequest { BlockedId = tasks[1].Id, BlockerId = tasks[0].Id, RequestId = Guid.NewGuid().ToString() };
        var first = await _client.BoardTasks.AddBlockerAsync(add);
        Assert.Equal(first, await _client.BoardTasks.AddBlockerAsync(add));
        Assert.Equal(first, await _client.GetAsync(tasks[1]));
        add.BlockerId = tasks[1].Id;
        await Refusal.OfAsync(ErrorReason.RequestIdReused, () => _client.BoardTasks.AddBlockerAsync(add).ResponseAsync);
    }

    [Fact]
    public async Task The_count_Is_written_by_the_server_only()
    {
        var created = await _client.CreateBoardTaskAsync(new BoardTask { Title = "x", OpenBlockers = 7 });
        Assert.Equal(0, created.OpenBlockers);
        var update = new UpdateBoardTaskRequest
        {
            BoardTask = new() { Id = created.Id, OpenBlockers = 7 },
            UpdateMask = new() { Paths = { "open_blockers" } },
        };
        await Refusal.OfAsync(ErrorReason.ImmutableField, () => _client.BoardTasks.UpdateBoardTaskAsync(update).ResponseAsync);
    }

    [Fact]
    public async Task Malformed_ids_Are_bad_arguments()
    {
        await Refusal.OfFieldsAsync(
            () => _client.BoardTasks.AddBlockerAsync(new() { BlockedId = "x", BlockerId = "" }).ResponseAsync, "blocked_id", "blocker_id");
        await Refusal.OfFieldsAsync(
            () => _client.BoardTasks.RemoveBlockerAsync(new() { BlockedId = "x", BlockerId = "" }).ResponseAsync,
            "blocked_id", "blocker_id");
        await Refusal.OfFieldsAsync(() => _client.BoardTasks.ListBlockersAsync(new() { Id = "x" }).ResponseAsync, "id");
        await Refusal.OfFieldsAsync(() => _client.BoardTasks.ListBlockedAsync(new() { Id = "x", PageSize = -1 }).ResponseAsync,
            "id", "page_size");
    }

    [Fact]
    public async Task Blockers_and_blocked_tasks_Are_paged_newest_first()
    {
        var tasks = new List<BoardTask>();
        for (var i = 0; i < 7; i++)
        {
            tasks.Add(await _client.CreateBoardTaskAsync());
        }

        foreach (var blocker in tasks[..3])
        {
            await _client.BlockAsync(tasks[3], blocker);
        }

        foreach (var blocked in tasks[4..])
        {
            await _client.BlockAsync(blocked, tasks[3]);
        }

        var blockers = await _client.ListBlockersAsync(new() { Id = tasks[3].Id, PageSize = 2 }).ToListAsync();
        Assert.Equal(tasks[..3].Select(task => task.Id).Reverse(), blockers.Select(task => task.Id));
        var after = await _client.ListBlockedAsync(new() { Id = tasks[3].Id, PageSize = 2 }).ToListAsync();
        Assert.Equal(tasks[4..].Select(task => task.Id).Reverse(), after.Select(task => task.Id));
        var token = (await _client.BoardTasks.ListBlockersAsync(new() { Id = tasks[3].Id, PageSize = 2 })).NextPageToken;
        await Refusal.OfAsync(ErrorReason.InvalidPageToken,
            () => _client.BoardTasks.ListBlockersAsync(new() { Id = tasks[4].Id, PageToken = token }).ResponseAsync);
        await Refusal.OfAsync(ErrorReason.InvalidPageToken,
            () => _client.BoardTasks.ListBlockedAsync(new() { Id = tasks[3].Id, PageToken = token }).ResponseAsync);
    }

    /// <summary>The changes that a call makes, which are all in one revision.</summary>
    private async Task<List<Change>> ChangesAsync(Func<Task> call)
    {
        var head = await _client.HeadAsync();
        await call();
        var events = (await _client.Changes.ListChangesAsync(new() { AfterRevision = head, PageSize = 1000 })).Events;
        Assert.All(events, seen => Assert.Equal(head + 1, seen.Change.Revision));
        return [.. events.Select(seen => seen.Change)];
    }
}
