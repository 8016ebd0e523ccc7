using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.BoardTasks;

/// <summary>A task's blockers, the tasks that it blocks, and the search for a cycle are limited: other commands wait for them.</summary>
public abstract class BlockerLimitTests(ServerFixture fixture) : IDisposable
{
    private const int MostEdges = 1000;
    private const int MostSearched = 10_000;

    private readonly TaskGrpcClient _client = fixture.NewClient();

    public void Dispose()
    {
        _client.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_task_Has_at_most_a_thousand_blockers()
    {
        var tasks = await _client.CreateAssignedAsync(MostEdges + 2);
        var (blocked, blockers) = (tasks[0], tasks[1..]);
        await Task.WhenAll(blockers[..MostEdges].Select(blocker => _client.BlockAsync(blocked, blocker)));
        Assert.Equal(MostEdges, (await _client.GetAsync(blocked)).OpenBlockers);

        var refusal = await Refusal.OfAsync(ErrorReason.BlockerLimit, () => _client.BlockAsync(blocked, blockers[^1]));
        Assert.Equal(Grpc.Core.StatusCode.FailedPrecondition, refusal.StatusCode);
        Assert.Contains($"'{blocked.Id}' has 1000 blockers", refusal.Status.Detail, StringComparison.Ordinal);
        await Refusal.OfAsync(ErrorReason.BlockerExists, () => _client.BlockAsync(blocked, blockers[0]));
        await _client.UnblockAsync(blocked, blockers[0]);
        Assert.Equal(MostEdges, (await _client.BlockAsync(blocked, blockers[^1])).OpenBlockers);

        Assert.Equal(1, await CountChangesAsync(() => _client.DeleteBoardTaskAsync(blocked.Id)));
        Assert.Empty(await _client.BlockedAsync(blockers[5]));
    }

    [Fact]
    public async Task A_task_Blocks_at_most_a_thousand_which_all_change_in_its_revision()
    {
        var tasks = await _client.CreateAssignedAsync(MostEdges + 2);
        var (blocker, blocked) = (tasks[0], tasks[1..]);
        await Task.WhenAll(blocked[..MostEdges].Select(task => _client.BlockAsync(task, blocker)));

        var refusal = await Refusal.OfAsync(ErrorReason.BlockerLimit, () => _client.BlockAsync(blocked[^1], blocker));
        Assert.Contains($"'{blocker.Id}' blocks 1000 tasks", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, (await _client.GetAsync(blocked[^1])).OpenBlockers);

        await _client.TransitionAsync(blocker, BoardTaskStatus.Assigned);
        await _client.TransitionAsync(blocker, BoardTaskStatus.Running);
        Assert.Equal(MostEdges + 1, await CountChangesAsync(() => _client.TransitionAsync(blocker, BoardTaskStatus.Done)));
        Assert.Equal(MostEdges + 2, await CountWithAsync(openBlockers: 0));
        Assert.Equal(MostEdges + 1, await CountChangesAsync(() => _client.TransitionAsync(blocker, BoardTaskStatus.Backlog)));
        Assert.Equal(MostEdges, await CountWithAsync(openBlockers: 1));
        Assert.Equal(MostEdges + 1, await CountChangesAsync(() => _client.DeleteBoardTaskAsync(blocker.Id)));
        Assert.Equal(0, await CountWithAsync(openBlockers: 1));
    }

    [Fact]
    public async Task The_search_for_a_cycle_Reads_ten_thousand_tasks_and_no_more()
    {
        var tasks = await _client.CreateAssignedAsync(2);
        var (end, other) = (tasks[0], tasks[1]);
        // Ten tasks block the end, and at most 999 block each of those: with the end, 10,000 in all.
        var middle = Ids(10);
        var top = Ids(MostSearched - 11);
        OlderRelease.Block(fixture.Server, end.OrganizationId,
            [.. middle.Select(id => (Guid.Parse(end.Id), id)), .. top.Select((id, i) => (middle[i % 10], id))]);
        await _client.BlockAsync(other, end);
        await _client.UnblockAsync(other, end);

        OlderRelease.Block(fixture.Server, end.OrganizationId, [(top[0], Ids(1)[0])]);
        var refusal = await Refusal.OfAsync(ErrorReason.BlockerLimit, () => _client.BlockAsync(other, end));
        Assert.Contains("more than 10000", refusal.Status.Detail, StringComparison.Ordinal);
        // A cycle found within the limit is still a cycle.
        await Refusal.OfAsync(ErrorReason.BlockerCycle, () => _client.BlockAsync(end, end));
        await _client.BlockAsync(end, other);
    }

    private async Task<long> CountWithAsync(int openBlockers) => (await _client.Statistics.CountAsync(
        new() { Kind = ResourceKind.BoardTask, Filter = $"open_blockers = {openBlockers}" })).Total;

    /// <summary>How many resources a call changes, all in one revision.</summary>
    private async Task<int> CountChangesAsync(Func<Task> call)
    {
        var head = await _client.HeadAsync();
        await call();
        Assert.Equal(head + 1, await _client.HeadAsync());
        using var watch = await WatchProbe.OpenAsync(_client, new WatchRequest { AfterRevision = head });
        await watch.UntilAsync(head + 1);
        return watch.Events.Count();
    }

    private static Guid[] Ids(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7(TimeProvider.System.GetUtcNow()))];
}
