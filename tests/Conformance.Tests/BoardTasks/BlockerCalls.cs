using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;

namespace TaskGrpc.Conformance.Tests.BoardTasks;

/// <summary>Short forms of the calls that the tests of blockers make.</summary>
internal static class BlockerCalls
{
    /// <summary>Creates tasks with an assignee, so that each can move to every status; in the order of their ids.</summary>
    public static async Task<BoardTask[]> CreateAssignedAsync(this TaskGrpcClient client, int count)
    {
        var tasks = new List<BoardTask>();
        foreach (var chunk in Enumerable.Range(0, count).Chunk(1000))
        {
            var request = new BatchCreateBoardTasksRequest
            {
                BoardTasks = { chunk.Select(i => new BoardTask { Title = $"task {i}", AssignedToTypeId = "coder" }) },
            };
            tasks.AddRange((await client.BoardTasks.BatchCreateBoardTasksAsync(request)).BoardTasks);
        }

        return [.. tasks.OrderBy(task => task.Id, StringComparer.Ordinal)];
    }

    public static Task<BoardTask> BlockAsync(this TaskGrpcClient client, BoardTask blocked, BoardTask blocker, string etag = "") =>
        client.BoardTasks.AddBlockerAsync(new() { BlockedId = blocked.Id, BlockerId = blocker.Id, Etag = etag }).ResponseAsync;

    public static Task<BoardTask> UnblockAsync(this TaskGrpcClient client, BoardTask blocked, BoardTask blocker, string etag = "") =>
        client.BoardTasks.RemoveBlockerAsync(new() { BlockedId = blocked.Id, BlockerId = blocker.Id, Etag = etag }).ResponseAsync;

    public static Task<BoardTask> GetAsync(this TaskGrpcClient client, BoardTask task) =>
        client.BoardTasks.GetBoardTaskAsync(new() { Id = task.Id }).ResponseAsync;

    public static async Task<List<string>> BlockersAsync(this TaskGrpcClient client, BoardTask task) =>
        [.. (await client.BoardTasks.ListBlockersAsync(new() { Id = task.Id })).BoardTasks.Select(blocker => blocker.Id)];

    public static async Task<List<string>> BlockedAsync(this TaskGrpcClient client, BoardTask task) =>
        [.. (await client.BoardTasks.ListBlockedAsync(new() { Id = task.Id })).BoardTasks.Select(blocked => blocked.Id)];

    /// <summary>Moves a task with an assignee from BACKLOG to DONE.</summary>
    public static async Task<BoardTask> FinishAsync(this TaskGrpcClient client, BoardTask task)
    {
        await client.TransitionAsync(task, BoardTaskStatus.Assigned);
        await client.TransitionAsync(task, BoardTaskStatus.Running);
        return await client.TransitionAsync(task, BoardTaskStatus.Done);
    }

    /// <summary>Claims up to 100 board tasks.</summary>
    public static async Task<List<Lease>> ClaimAsync(this TaskGrpcClient client) =>
        [.. (await client.Work.ClaimNextAsync(
            new() { Kind = ResourceKind.BoardTask, MaxTasks = 100, Worker = "w1" })).Leases];

    public static async Task<BoardTask> ReleaseAsync(this TaskGrpcClient client, Lease lease) =>
        (await client.Work.ReleaseAsync(
            new() { Kind = ResourceKind.BoardTask, Id = lease.BoardTask.Id, LeaseToken = lease.LeaseToken })).BoardTask;

    public static async Task<long> HeadAsync(this TaskGrpcClient client) =>
        (await client.BoardTasks.ListBoardTasksAsync(new() { PageSize = 1 })).Revision;
}
