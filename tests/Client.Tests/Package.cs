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
        var task = await client.AgentTasks.CreateAgentTaskAsync(new CreateAgentTaskRequest
        {
            AgentTask = new AgentTask { TaskType = "refund", SourceType = SourceType.Event, Title = "Refund order 1042" },
        });

        await foreach (var queued in client.ListAgentTasksAsync(new ListAgentTasksRequest { Filter = "status = QUEUED AND title = \"Refund*\"" }))
        {
            Console.WriteLine(queued.Title);
        }

        var end = await client.WaitUntilTerminalAsync(task.Id);
        Console.WriteLine($"{end.AgentTask.Title}: {end.AgentTask.Status}");
        // The sample ends.
        await ending;
    }

    /// <summary>Another caller, which ends the task.</summary>
    private static async Task EndAsync(Func<string, string, string, int, TaskGrpcClient> connect)
    {
        using var client = connect("default", "worker", "agent", 5);
        await foreach (var item in client.WatchAsync(new WatchRequest { AfterRevision = 0 }).Events())
        {
            await client.AgentTasks.TransitionAgentTaskAsync(new() { Id = item.Change.AgentTask.Id, Status = AgentTaskStatus.Canceled });
            return;
        }
    }
}
