using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client.Tests;

/// <summary>The README's tour in C#, compiled and run; a test holds the two together.</summary>
internal static class Tour
{
    public static async Task RunAsync(Uri address)
    {
        // The tour begins.
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = address });

        var task = await client.AgentTasks.CreateAgentTaskAsync(new CreateAgentTaskRequest
        {
            AgentTask = new AgentTask { TaskType = "refund", SourceType = SourceType.Event, Title = "Refund order 1042" },
        });
        await client.AgentTasks.TransitionAgentTaskAsync(new TransitionAgentTaskRequest { Id = task.Id, Status = AgentTaskStatus.Planning });

        try
        {
            await client.AgentTasks.TransitionAgentTaskAsync(new TransitionAgentTaskRequest { Id = task.Id, Status = AgentTaskStatus.Completed });
        }
        catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.InvalidTransition)
        {
            Console.WriteLine($"Allowed now: {refusal.Details["allowed"]}");
        }

        using var watch = client.Changes.Watch(new WatchRequest { Ids = { task.Id }, AfterRevision = 0 });
        await foreach (var message in watch.ResponseStream.ReadAllAsync())
        {
            foreach (var seen in message.Events)
            {
                Console.WriteLine($"{seen.Change.Revision}: {seen.Change.Transition.From} -> {seen.Change.Transition.To}");
            }

            // Keep message.ResumeToken with what you have processed: a later Watch goes on exactly there.
            if (message.Revision >= 2)
            {
                break;
            }
        }
        // The tour ends.
    }
}
