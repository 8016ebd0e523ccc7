using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;

namespace TaskGrpc.Conformance.Tests.Upgrades;

/// <summary>Writes resources of every kind through the contract, as a user does, and leaves deliveries in every open state.</summary>
internal sealed class StoreWriting(TaskGrpcClient client)
{
    public const string Organization = "kept";

    /// <summary>The address of the webhooks. The kept databases contain it, so no other test may listen on it.</summary>
    public const string Receiver = "http://127.77.0.1:47123";

    private readonly List<RepeatableCall> _calls = [];

    /// <summary>Refuses requests for <c>/down</c>, and does not answer requests for <c>/silent</c>.</summary>
    public static async Task AnswerAsync(HttpContext context, ReceivedWebhook webhook)
    {
        context.Response.StatusCode = webhook.Path == "/down" ? 503 : 204;
        if (webhook.Path == "/silent")
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }
    }

    public async Task<WrittenStore> WriteAsync()
    {
        var secret = await KeepAsync("CreateSigningSecret", new CreateSigningSecretRequest(),
            request => client.SigningSecrets.CreateSigningSecretAsync(request).ResponseAsync);
        var retrying = await TriggerAsync(await MonitorAsync("/down"), "retrying");
        var (paused, held) = await HoldAsync();
        await WriteAgentTasksAsync();
        var token = (await client.Changes.ListChangesAsync(new ListChangesRequest { PageSize = 1000 })).ResumeToken;
        await WriteBoardTasksAsync();
        await WriteFlowAsync();
        await client.UntilAsync(retrying, seen => seen is { Status: DeliveryStatus.Retrying, AttemptCount: 2 });
        // Last, because the server gives up an attempt after ten seconds.
        var claimed = await TriggerAsync(await MonitorAsync("/silent"), "claimed");
        await client.UntilAsync(claimed, DeliveryStatus.Delivering);

        var page = await client.AgentTasks.ListAgentTasksAsync(SecondPage(""));
        var later = await client.AgentTasks.ListAgentTasksAsync(SecondPage(page.NextPageToken));
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = token });
        var head = (await client.Changes.ListChangesAsync(new ListChangesRequest { PageSize = 1000 })).Revision;
        await watch.UntilAsync(head);
        return new WrittenStore
        {
            LeftAt = TimeProvider.System.GetUtcNow(),
            Secret = secret.Secret,
            Head = head,
            ResumeToken = token,
            ChangesAfterToken = [.. watch.Events.Select(Name)],
            PageToken = page.NextPageToken,
            TasksAfterPage = [.. later.AgentTasks.Select(task => task.Id)],
            Resources = await ReadAsync(client),
            Calls = _calls,
            Retrying = retrying.Id,
            Claimed = claimed.Id,
            Held = held.Id,
            PausedTask = paused.TaskId,
        };
    }

    /// <summary>The identity of a change.</summary>
    public static string Name(WatchEvent seen) =>
        $"{seen.Change.Revision} {seen.Change.Type} {seen.Change.ResourceCase} {seen.Change.Transition?.To}";

    /// <summary>The request whose second page is <see cref="WrittenStore.PageToken"/>.</summary>
    public static ListAgentTasksRequest SecondPage(string token) =>
        new() { PageSize = 3, OrderBy = "priority, title desc", Filter = "task_type = \"refund\"", ShowDeleted = true, PageToken = token };

    /// <summary>Every resource of the organization, by the name of its message.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<byte[]>>> ReadAsync(TaskGrpcClient client) =>
        new Dictionary<string, IReadOnlyList<byte[]>>
        {
            [nameof(AgentTask)] = await BytesAsync(client.ListAgentTasksAsync(new() { ShowDeleted = true })),
            [nameof(BoardTask)] = await BytesAsync(client.ListBoardTasksAsync(new() { ShowDeleted = true })),
            [nameof(MonitorTask)] = await BytesAsync(client.ListMonitorTasksAsync(new() { ShowDeleted = true })),
            [nameof(Delivery)] = await BytesAsync(client.ListDeliveriesAsync(new() { ShowDeleted = true })),
            [nameof(FlowExecution)] = await BytesAsync(client.ListFlowExecutionsAsync(new() { ShowDeleted = true })),
            [nameof(TaskExecution)] = await BytesAsync(client.ListTaskExecutionsAsync(new() { ShowDeleted = true })),
        };

    private static async Task<IReadOnlyList<byte[]>> BytesAsync<T>(IAsyncEnumerable<T> resources)
        where T : IMessage => await resources.Select(resource => resource.ToByteArray()).ToListAsync();

    private async Task WriteAgentTasksAsync()
    {
        var batch = new BatchCreateAgentTasksRequest();
        for (var i = 0; i < 8; i++)
        {
            var task = Sample.AgentTask($"Refund order {1042 + i}");
            (task.Priority, task.DueAt) = (i % 3, Timestamp.FromDateTime(new DateTime(2030, 1, 1 + i, 0, 0, 0, DateTimeKind.Utc)));
            task.Metadata = new Struct
            {
                Fields = { ["order"] = Value.ForNumber(1042 + i),
                    ["tags"] = Value.ForList(Value.ForString("vip"), Value.ForBool(true), Value.ForNull()) }
            };
            batch.AgentTasks.Add(task);
        }

        // Absent, empty and non-ASCII: three ways to store a text.
        (batch.AgentTasks[5].Description, batch.AgentTasks[6].Description) = ("", "Ünïcode 𝄞");
        var tasks = (
            await KeepAsync("BatchCreateAgentTasks", batch,
                request => client.AgentTasks.BatchCreateAgentTasksAsync(request).ResponseAsync)).AgentTasks;
        var planned = await KeepAsync("TransitionAgentTask", Sample.Transition(tasks[0], AgentTaskStatus.Planning),
            request => client.AgentTasks.TransitionAgentTaskAsync(request).ResponseAsync);
        var asked = await client.TransitionAsync(planned, AgentTaskStatus.AwaitingApproval);
        await KeepAsync("ApproveAgentTask", new ApproveAgentTaskRequest { Id = asked.Id, Etag = asked.Etag, Comment = "Fine." },
            request => client.AgentTasks.ApproveAgentTaskAsync(request).ResponseAsync);
        await client.TransitionAsync(tasks[1], AgentTaskStatus.Blocked);
        await client.TransitionAsync(tasks[2], AgentTaskStatus.Failed);
        await KeepAsync("UpdateAgentTask",
            new UpdateAgentTaskRequest
            {
                AgentTask = new() { Id = tasks[3].Id, Title = "Another title" },
                UpdateMask = new() { Paths = { "title" } }
            }, request => client.AgentTasks.UpdateAgentTaskAsync(request).ResponseAsync);
        await KeepAsync("DeleteAgentTask", new DeleteAgentTaskRequest { Id = tasks[4].Id },
            request => client.AgentTasks.DeleteAgentTaskAsync(request).ResponseAsync);
    }

    private async Task WriteBoardTasksAsync()
    {
        var parent = await KeepAsync("CreateBoardTask", new CreateBoardTaskRequest { BoardTask = Sample.BoardTask() },
            request => client.BoardTasks.CreateBoardTaskAsync(request).ResponseAsync);
        var child = await client.CreateBoardTaskAsync(
            new BoardTask { Title = "Read the log", AssignedToUserId = "bert", Source = BoardTaskSource.Triage, Priority = 1 });
        await KeepAsync("AddSubtask", new AddSubtaskRequest { ParentId = parent.Id, ChildId = child.Id },
            request => client.BoardTasks.AddSubtaskAsync(request).ResponseAsync);
        await client.TransitionAsync(child, BoardTaskStatus.Assigned);
    }

    private async Task WriteFlowAsync()
    {
        var flow = await client.TransitionAsync(
            await client.CreateFlowExecutionAsync("tasks:\n- name: fetch\n- name: send\n  input: \"{{fetch.output}}\"\n"),
            FlowExecutionStatus.Running);
        var fetch = await client.TransitionAsync(
            await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow)), TaskExecutionStatus.Running);
        await client.TaskExecutions.TransitionTaskExecutionAsync(
            new() { Id = fetch.Id, Status = TaskExecutionStatus.Completed, Output = Value.ForNumber(42) });
        var send = await client.TransitionAsync(
            await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "send")), TaskExecutionStatus.Running);
        await client.TransitionAsync(send, TaskExecutionStatus.Failed);
        await KeepAsync("RetryTaskExecution", new RetryTaskExecutionRequest { Id = send.Id },
            request => client.TaskExecutions.RetryTaskExecutionAsync(request).ResponseAsync);
    }

    private async Task<(MonitorTask Paused, Delivery Held)> HoldAsync()
    {
        var task = await MonitorAsync("/down");
        var held = await TriggerAsync(task, "held");
        await client.UntilAsync(held, DeliveryStatus.Retrying);
        return (await client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = task.TaskId }), held);
    }

    private Task<MonitorTask> MonitorAsync(string path) => client.CreateMonitorTaskAsync(Sample.Webhook(new Uri(Receiver + path)));

    private Task<Delivery> TriggerAsync(MonitorTask task, string key) => KeepAsync(
        "TriggerMonitorTask",
        new TriggerMonitorTaskRequest { TaskId = task.TaskId, TriggerKey = key },
        request => client.MonitorTasks.TriggerMonitorTaskAsync(request).ResponseAsync);

    /// <summary>Makes a call with a request_id, and records it with its answer.</summary>
    private async Task<TAnswer> KeepAsync<TRequest, TAnswer>(string method, TRequest request, Func<TRequest, Task<TAnswer>> call)
        where TRequest : IMessage
        where TAnswer : IMessage
    {
        request.Descriptor.FindFieldByName("request_id").Accessor.SetValue(request, Guid.NewGuid().ToString());
        var answer = await call(request);
        _calls.Add(RepeatableCall.Of(MethodOf(request.Descriptor, method), request, answer));
        return answer;
    }

    private static MethodDescriptor MethodOf(MessageDescriptor request, string method) =>
        request.File.Services.Select(service => service.FindMethodByName(method)).First(found => found is not null);
}
