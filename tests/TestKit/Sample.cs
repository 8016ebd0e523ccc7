using TaskGrpc.Client;
using TaskGrpc.V1;

namespace TaskGrpc.TestKit;

/// <summary>Valid resources for tests.</summary>
public static class Sample
{
    public static AgentTask AgentTask(string title = "Refund order 1042") =>
        new() { TaskType = "refund", SourceType = SourceType.Event, Title = title };

    public static BoardTask BoardTask(string title = "Look into the outage") => new() { Title = title };

    public static DeliveryTarget Webhook(Uri endpoint) => new() { Type = DeliveryType.Webhook, Endpoint = endpoint.ToString() };

    public static DeliveryTarget Notification(string channel = "ops") => new() { Type = DeliveryType.Notification, Channel = channel };

    public static MonitorTask MonitorTask(DeliveryTarget? delivery = null) => new()
    {
        Intent = "Tell ops when the margin falls below ten percent",
        ConceptId = "margin",
        ConceptVersion = "1",
        ConditionId = "below-ten",
        ConditionVersion = "3",
        ActionId = "alert-ops",
        ActionVersion = "2",
        EntityScope = "region:eu",
        Delivery = delivery ?? Notification(),
    };

    public static FlowExecution FlowExecution(string? definition = null)
    {
        var flow = new FlowExecution { WorkflowId = "restock" };
        if (definition is not null)
        {
            flow.Definition = definition;
        }

        return flow;
    }

    public static TaskExecution TaskExecution(FlowExecution flow, string name = "fetch") =>
        new() { FlowExecutionId = flow.Id, TaskName = name };

    public static async Task<MonitorTask> CreateMonitorTaskAsync(this TaskGrpcClient client, DeliveryTarget? delivery = null) =>
        await client.MonitorTasks.CreateMonitorTaskAsync(new CreateMonitorTaskRequest { MonitorTask = MonitorTask(delivery) });

    public static async Task<Delivery> TriggerAsync(this TaskGrpcClient client, MonitorTask task, string key = "key") =>
        await client.MonitorTasks.TriggerMonitorTaskAsync(new TriggerMonitorTaskRequest { TaskId = task.TaskId, TriggerKey = key });

    public static async Task<Delivery> GetAsync(this TaskGrpcClient client, Delivery delivery) =>
        await client.Deliveries.GetDeliveryAsync(new GetDeliveryRequest { Id = delivery.Id });

    public static async Task<FlowExecution> CreateFlowExecutionAsync(this TaskGrpcClient client, string? definition = null) =>
        await client.FlowExecutions.CreateFlowExecutionAsync(new CreateFlowExecutionRequest { FlowExecution = FlowExecution(definition) });

    /// <summary>A flow with a number of QUEUED executions, in the order of their creation.</summary>
    public static async Task<(FlowExecution Flow, List<TaskExecution> Executions)> CreateOpenFlowAsync(
        this TaskGrpcClient client, int count)
    {
        var (flow, executions) = (await client.CreateFlowExecutionAsync(), new List<TaskExecution>());
        foreach (var batch in Enumerable.Range(0, count).Select(i => TaskExecution(flow, $"t{i}")).Chunk(1000))
        {
            executions.AddRange(
                (await client.TaskExecutions.BatchCreateTaskExecutionsAsync(new() { TaskExecutions = { batch } })).TaskExecutions);
        }

        return (flow, executions);
    }

    public static async Task<FlowExecution> TransitionAsync(this TaskGrpcClient client, FlowExecution flow, FlowExecutionStatus to) =>
        await client.FlowExecutions.TransitionFlowExecutionAsync(new TransitionFlowExecutionRequest { Id = flow.Id, Status = to });

    public static async Task<TaskExecution> CreateTaskExecutionAsync(this TaskGrpcClient client, TaskExecution execution) =>
        await client.TaskExecutions.CreateTaskExecutionAsync(new CreateTaskExecutionRequest { TaskExecution = execution });

    public static async Task<TaskExecution> TransitionAsync(this TaskGrpcClient client, TaskExecution execution, TaskExecutionStatus to) =>
        await client.TaskExecutions.TransitionTaskExecutionAsync(Transition(execution, to));

    public static TransitionTaskExecutionRequest Transition(TaskExecution execution, TaskExecutionStatus to)
    {
        var request = new TransitionTaskExecutionRequest { Id = execution.Id, Status = to };
        if (to == TaskExecutionStatus.Failed)
        {
            request.Error = new ExecutionError { Message = "It did not work." };
        }

        return request;
    }

    /// <summary>Reads a delivery's changes from the beginning of its log until it reaches a status.</summary>
    public static async Task<Delivery> UntilAsync(this TaskGrpcClient client, Delivery delivery, Predicate<Delivery> reached)
    {
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { Ids = { delivery.Id }, AfterRevision = 0 });
        while (true)
        {
            if (watch.Events.LastOrDefault(seen => reached(seen.Change.Delivery)) is { } found)
            {
                return found.Change.Delivery;
            }

            await watch.NextAsync();
        }
    }

    public static Task<Delivery> UntilAsync(this TaskGrpcClient client, Delivery delivery, DeliveryStatus status) =>
        client.UntilAsync(delivery, seen => seen.Status == status);

    public static async Task<AgentTask> CreateAgentTaskAsync(this TaskGrpcClient client, AgentTask? task = null) =>
        await client.AgentTasks.CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = task ?? AgentTask() });

    public static async Task<BoardTask> CreateBoardTaskAsync(this TaskGrpcClient client, BoardTask? task = null) =>
        await client.BoardTasks.CreateBoardTaskAsync(new CreateBoardTaskRequest { BoardTask = task ?? BoardTask() });

    public static async Task<AgentTask> TransitionAsync(
        this TaskGrpcClient client, AgentTask task, AgentTaskStatus to, string etag = "") =>
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
