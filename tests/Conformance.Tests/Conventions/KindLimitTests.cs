using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>The limits of monitor tasks, flows and task executions, at each limit and above it.</summary>
public abstract class KindLimitTests(ServerFixture fixture)
{
    private const int Longest = 4096;
    private const int Id = 256;
    private const int Large = 65_536;

    private static readonly Dictionary<string, (int Limit, Func<TaskGrpcClient, string, Task> Create)> Texts = new()
    {
        ["monitor_task.intent"] = (Longest, (client, text) => MonitorAsync(client, task => task.Intent = text)),
        ["monitor_task.concept_id"] = (Id, (client, text) => MonitorAsync(client, task => task.ConceptId = text)),
        ["monitor_task.concept_version"] = (Longest, (client, text) => MonitorAsync(client, task => task.ConceptVersion = text)),
        ["monitor_task.condition_id"] = (Id, (client, text) => MonitorAsync(client, task => task.ConditionId = text)),
        ["monitor_task.action_id"] = (Id, (client, text) => MonitorAsync(client, task => task.ActionId = text)),
        ["monitor_task.entity_scope"] = (Longest, (client, text) => MonitorAsync(client, task => task.EntityScope = text)),
        ["monitor_task.context_warning"] = (Longest, (client, text) => MonitorAsync(client, task => task.ContextWarning = text)),
        ["monitor_task.delivery.channel"] = (Longest, (client, text) => MonitorAsync(client, task => task.Delivery.Channel = text)),
        ["monitor_task.delivery.workflow_id"] = (
            Id, (client, text) => MonitorAsync(client, task => task.Delivery = new() { Type = DeliveryType.Workflow, WorkflowId = text })),
        ["trigger_key"] = (Id, async (client, text) => await client.TriggerAsync(await client.CreateMonitorTaskAsync(), text)),
        ["entity_id"] = (Id,
            async (client, text) =>
            await client.MonitorTasks.TriggerMonitorTaskAsync(
                new() { TaskId = (await client.CreateMonitorTaskAsync()).TaskId, TriggerKey = "k", EntityId = text })),
        ["flow_execution.workflow_id"] = (Id,
            async (client, text) =>
            await client.FlowExecutions.CreateFlowExecutionAsync(new() { FlowExecution = new() { WorkflowId = text } })),
        ["flow_execution.task_names[0]"] = (Id,
            async (client, text) =>
            await client.FlowExecutions.CreateFlowExecutionAsync(
                new() { FlowExecution = new() { WorkflowId = "w", TaskNames = { text } } })),
        ["task_execution.task_name"] = (Id, (client, text) => ExecuteAsync(client, execution => execution.TaskName = text)),
        ["task_execution.error.message"] = (Longest,
            (client, text) =>
            ExecuteAsync(
                client, execution => (execution.Status, execution.Error) = (TaskExecutionStatus.Failed, new() { Message = text }))),
        ["task_execution.error.type"] = (Longest,
            (client, text) =>
            ExecuteAsync(client,
                execution => (execution.Status, execution.Error) = (TaskExecutionStatus.Failed, new() { Message = "x", Type = text }))),
        ["task_execution.error.traceback"] = (Large,
            (client, text) =>
            ExecuteAsync(client,
                execution =>
                (execution.Status, execution.Error) = (TaskExecutionStatus.Failed, new() { Message = "x", Traceback = text }))),
    };

    public static TheoryData<string> Fields => [.. Texts.Keys];

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_text_At_its_limit_is_stored_and_above_it_is_refused(string field)
    {
        using var client = fixture.NewClient();
        var (limit, create) = Texts[field];
        await create(client, new string('x', limit));
        await Refusal.OfFieldsAsync(() => create(client, new string('x', limit + 1)), field);
    }

    [Fact]
    public async Task Inputs_and_outputs_Are_limited_to_a_mebibyte_and_to_thirty_levels()
    {
        using var client = fixture.NewClient();
        using var watch = await WatchProbe.OpenAsync(client);
        var most = Value.ForString(new string('x', (1024 * 1024) - 4));
        Assert.Equal(1024 * 1024, most.CalculateSize());
        var above = Value.ForString(most.StringValue + "x");
        await ExecuteAsync(client, execution => execution.Input = most);
        await ExecuteAsync(client, execution => (execution.Status, execution.Output) = (TaskExecutionStatus.Completed, most));
        await Refusal.OfFieldsAsync(() => ExecuteAsync(client, execution => execution.Input = above), "task_execution.input");
        await Refusal.OfFieldsAsync(() =>
            ExecuteAsync(client, execution => (execution.Status, execution.Output) = (TaskExecutionStatus.Completed, above)),
            "task_execution.output");
        await Refusal.OfFieldsAsync(() =>
            client.FlowExecutions.CreateFlowExecutionAsync(
                new() { FlowExecution = new() { WorkflowId = "w", Input = above } }).ResponseAsync, "flow_execution.input");

        static Value Nested(int levels) =>
            levels == 0 ? Value.ForNumber(1) : Value.ForStruct(new Struct { Fields = { ["k"] = Nested(levels - 1) } });
        await ExecuteAsync(client, execution => execution.Input = Nested(30));
        await Refusal.OfFieldsAsync(() => ExecuteAsync(client, execution => execution.Input = Nested(31)), "task_execution.input");
        // What the server accepts is readable at its deepest level.
        await watch.UntilAsync((await client.TaskExecutions.ListTaskExecutionsAsync(new() { PageSize = 1 })).Revision);
        Assert.Equal(Nested(30), watch.Events.Last(seen => seen.Change.TaskExecution is not null).Change.TaskExecution.Input);
    }

    [Fact]
    public async Task Pages_of_every_kind_Walk_through_all_and_repeat_nothing()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        var deliveries = await Task.WhenAll(Enumerable.Range(0, 7).Select(i => client.TriggerAsync(task, $"k{i}")));
        var flow = await client.CreateFlowExecutionAsync();
        var executions = await client.TaskExecutions.BatchCreateTaskExecutionsAsync(
            new() { TaskExecutions = { Enumerable.Repeat(Sample.TaskExecution(flow), 7) } });

        var listed = await client.ListDeliveriesAsync(
            new() { PageSize = 2, OrderBy = "status, updated_at desc", Filter = "status = DELIVERED" }).ToListAsync();
        Assert.Equal(deliveries.Select(delivery => delivery.Id).Order(), listed.Select(delivery => delivery.Id).Order());
        Assert.Equal(listed.OrderByDescending(delivery => delivery.UpdatedAt.ToDateTimeOffset()).Select(delivery => delivery.UpdatedAt),
            listed.Select(delivery => delivery.UpdatedAt));
        var pages = await client.ListTaskExecutionsAsync(new() { PageSize = 3, OrderBy = "created_at" }).ToListAsync();
        Assert.Equal(executions.TaskExecutions.Select(execution => execution.Id).Order(), pages.Select(execution => execution.Id).Order());
        await Refusal.OfAsync(
            ErrorReason.InvalidField, () => client.MonitorTasks.ListMonitorTasksAsync(new() { OrderBy = "updated_at" }).ResponseAsync);
        await Refusal.OfAsync(
            ErrorReason.InvalidField, () => client.Deliveries.ListDeliveriesAsync(new() { PageSize = -1 }).ResponseAsync);

        // A watch from the first page's token has only the changes after it.
        var page = await client.Deliveries.ListDeliveriesAsync(new() { PageSize = 2 });
        var next = await client.TriggerAsync(task, "next");
        using var watch =
            await WatchProbe.OpenAsync(client, new WatchRequest { Kinds = { ResourceKind.Delivery }, ResumeToken = page.ResumeToken });
        await watch.UntilCountAsync(1);
        Assert.Equal(next, watch.Events.Single().Change.Delivery);
    }

    private static async Task MonitorAsync(TaskGrpcClient client, Action<MonitorTask> set)
    {
        var task = Sample.MonitorTask();
        set(task);
        await client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = task });
    }

    private static async Task ExecuteAsync(TaskGrpcClient client, Action<TaskExecution> set)
    {
        var execution = Sample.TaskExecution(await client.CreateFlowExecutionAsync());
        set(execution);
        await client.CreateTaskExecutionAsync(execution);
    }
}
