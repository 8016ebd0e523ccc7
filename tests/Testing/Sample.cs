using TaskGrpc.Client;
using TaskGrpc.V1;

namespace TaskGrpc.Testing;

/// <summary>Resources that are good enough to begin with.</summary>
public static class Sample
{
    public static AgentTask AgentTask(string title = "Refund order 1042") => new() { TaskType = "refund", SourceType = SourceType.Event, Title = title };

    public static BoardTask BoardTask(string title = "Look into the outage") => new() { Title = title };

    public static async Task<AgentTask> CreateAgentTaskAsync(this TaskGrpcClient client, AgentTask? task = null) =>
        await client.AgentTasks.CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = task ?? AgentTask() });

    public static async Task<BoardTask> CreateBoardTaskAsync(this TaskGrpcClient client, BoardTask? task = null) =>
        await client.BoardTasks.CreateBoardTaskAsync(new CreateBoardTaskRequest { BoardTask = task ?? BoardTask() });

    public static async Task<AgentTask> TransitionAsync(this TaskGrpcClient client, AgentTask task, AgentTaskStatus to, string etag = "") =>
        await client.AgentTasks.TransitionAgentTaskAsync(Transition(task, to, etag));

    public static async Task<BoardTask> TransitionAsync(this TaskGrpcClient client, BoardTask task, BoardTaskStatus to) =>
        await client.BoardTasks.TransitionBoardTaskAsync(new TransitionBoardTaskRequest { Id = task.Id, Status = to });

    public static TransitionAgentTaskRequest Transition(AgentTask task, AgentTaskStatus to, string etag = "")
    {
        var request = new TransitionAgentTaskRequest { Id = task.Id, Status = to, Etag = etag };
        if (to == AgentTaskStatus.Failed)
        {
            request.Error = "It did not work.";
        }

        return request;
    }
}
