using TaskGrpc.V1;

namespace TaskGrpc.Client.Tests;

/// <summary>The package's README, compiled and run; a test compares it with the page.</summary>
internal static class Package
{
    public static async Task RunAsync(Uri address, Func<string, string, string, int, TaskGrpcClient> connect)
    {
        var ending = EndAsync(connect);

        // The sample begins.
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = address });
        var refund = new AgentTask { TaskType = "refund", SourceType = SourceType.Event, Title = "Refund order 1042" };
        var task = await client.CreateAsync(refund);

        await foreach (var queued in client.ListAgentTasksAsync(new() { Filter = "status = QUEUED AND title = \"Refund*\"" }))
        {
            Console.WriteLine(queued.Title);
        }

        var end = await client.WaitForAgentTaskAsync(task.Id, AgentTaskStatus.Canceled);
        Console.WriteLine($"{end.Title}: {end.Status}");
        // The sample ends.
        await ending;
    }

    /// <summary>Another program, which cancels the task.</summary>
    private static async Task EndAsync(Func<string, string, string, int, TaskGrpcClient> connect)
    {
        using var client = connect("default", "worker", "agent", 5);
        await foreach (var item in client.WatchAsync(new WatchRequest { AfterRevision = 0 }).Events())
        {
            await client.TransitionAsync(item.Change.AgentTask.Id, AgentTaskStatus.Canceled);
            return;
        }
    }
}
