using TaskGrpc.V1;

namespace TaskGrpc.Client.Tests;

/// <summary>The samples of docs/work.md, compiled and run; a test holds the two together.</summary>
internal static class WorkPage
{
    public static async Task RetryAsync(TaskGrpcClient client)
    {
        // The sample retry begins.
        await foreach (var failed in client.ListAgentTasksAsync(new() { Filter = "status = FAILED AND task_type = \"refund\"" }))
        {
            await client.TransitionAsync(failed.Id, AgentTaskStatus.Queued, "The bank is back.", etag: failed.Etag);
        }
        // The sample ends.
    }

    public static async Task TakeOverAsync(TaskGrpcClient client, AgentTask task)
    {
        // The sample take over begins.
        await client.TransitionAsync(task.Id, AgentTaskStatus.Blocked, "I call the customer first.");
        // The sample ends.
    }

    public static async Task DependAsync(TaskGrpcClient client)
    {
        // The sample depend begins.
        var repair = await client.CreateAsync(new BoardTask { Title = "Repair the pump" });
        var test = await client.CreateAsync(new BoardTask { Title = "Test the pump" });
        await client.AddBlockerAsync(test.Id, repair.Id);
        // The sample ends.
    }
}
