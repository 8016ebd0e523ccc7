using System.Text;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>A required text has at least one visible character, and a name has no white space at either end.</summary>
public abstract class RequiredTextTests(ServerFixture fixture)
{
    /// <summary>
    /// The first and last of each range of Default_Ignorable_Code_Point in Unicode's DerivedCoreProperties.txt, and other invisible
    /// characters.
    /// </summary>
    private static readonly (int First, int Last)[] Invisible =
    [
        (0x1, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x1680, 0x1680), (0x17B4, 0x17B5),
            (0x180B, 0x180F), (0x2000, 0x200F),
        (0x2028, 0x202F), (0x205F, 0x206F), (0x2800, 0x2800), (0x3000, 0x3000), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
            (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB),
        (0x1BCA0, 0x1BCA3), (0x1D159, 0x1D159), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    ];

    private static readonly string[] Blank = [" ", "\t\n", "\u0001\u007F", "\u200B", "\u2800", "\u00AD", "\u3164", "\u115F\u1160",
        "\uFE0F", "\u034F", "\U000E0001\U000E0FFF", " \u200B\u2060\u00A0 "];

    private static readonly string[] Padded = [" name", "name ", "\u3000name", "name\n", "\u2028name\t", "\u00A0name"];

    private static readonly string[] Visible = ["x", "\u200Bx", "x\u00AD", "\u2764\uFE0F", "\u0928\u093F", "\U0001F989", "-", "a b"];

    private static readonly Dictionary<string, Func<TaskGrpcClient, string, Task>> Texts = new()
    {
        ["agent_task.title"] = (client, text) => client.CreateAgentTaskAsync(Sample.AgentTask(text)),
        ["agent_task.task_type"] = (client, text) => AgentAsync(client, task => task.TaskType = text),
        ["board_task.title"] = (client, text) => client.CreateBoardTaskAsync(Sample.BoardTask(text)),
        ["monitor_task.intent"] = (client, text) => MonitorAsync(client, task => task.Intent = text),
        ["monitor_task.concept_id"] = (client, text) => MonitorAsync(client, task => task.ConceptId = text),
        ["monitor_task.concept_version"] = (client, text) => MonitorAsync(client, task => task.ConceptVersion = text),
        ["monitor_task.condition_id"] = (client, text) => MonitorAsync(client, task => task.ConditionId = text),
        ["monitor_task.condition_version"] = (client, text) => MonitorAsync(client, task => task.ConditionVersion = text),
        ["monitor_task.action_id"] = (client, text) => MonitorAsync(client, task => task.ActionId = text),
        ["monitor_task.action_version"] = (client, text) => MonitorAsync(client, task => task.ActionVersion = text),
        ["monitor_task.entity_scope"] = (client, text) => MonitorAsync(client, task => task.EntityScope = text),
        ["monitor_task.delivery.channel"] = (client, text) => MonitorAsync(client, task => task.Delivery = Sample.Notification(text)),
        ["monitor_task.delivery.workflow_id"] = (client, text) =>
            MonitorAsync(client, task => task.Delivery = new() { Type = DeliveryType.Workflow, WorkflowId = text }),
        ["flow_execution.workflow_id"] = (client, text) => FlowAsync(client, new() { WorkflowId = text }),
        ["task_execution.error.message"] = (client, text) =>
            ExecuteAsync(
                client, execution => (execution.Status, execution.Error) = (TaskExecutionStatus.Failed, new() { Message = text })),
        ["error"] = async (client, text) =>
            await client.AgentTasks.TransitionAgentTaskAsync(
                new() { Id = (await client.CreateAgentTaskAsync()).Id, Status = AgentTaskStatus.Failed, Error = text }),
    };

    private static readonly Dictionary<string, Func<TaskGrpcClient, string, Task>> Names = new()
    {
        ["trigger_key"] = async (client, text) => await client.TriggerAsync(await client.CreateMonitorTaskAsync(), text),
        ["flow_execution.task_names[1]"] = (client, text) => FlowAsync(client, new() { WorkflowId = "w", TaskNames = { "first", text } }),
        ["flow_execution.definition"] = (client, text) =>
            FlowAsync(client, new() { WorkflowId = "w", Definition = $"tasks:\n- name: \"{Escaped(text)}\"\n" }),
        ["task_execution.task_name"] = (client, text) => ExecuteAsync(client, execution => execution.TaskName = text),
    };

    public static TheoryData<string> Fields => [.. Texts.Keys, .. Names.Keys];

    public static TheoryData<string> NameFields => [.. Names.Keys];

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Text_without_a_visible_character_Is_refused(string field)
    {
        using var client = fixture.NewClient();
        var create = Texts.GetValueOrDefault(field) ?? Names[field];
        foreach (var text in Blank)
        {
            await Refusal.OfFieldsAsync(() => create(client, text), field);
        }

        foreach (var text in Visible)
        {
            await create(client, text);
        }
    }

    [Fact]
    public async Task A_webhook_without_a_visible_endpoint_Is_refused()
    {
        using var client = fixture.NewClient();
        foreach (var text in Blank)
        {
            var refusal = await Refusal.OfFieldsAsync(() =>
                MonitorAsync(client, task => task.Delivery = new() { Type = DeliveryType.Webhook, Endpoint = text }),
                "monitor_task.delivery.endpoint");
            Assert.Contains("is required", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_invisible_character_Counts_as_none()
    {
        using var client = fixture.NewClient();
        var titles = Invisible.SelectMany(stretch => Enumerable.Range(stretch.First, stretch.Last - stretch.First + 1))
            .Select(code => new Rune(code).ToString())
            .Chunk(400).Select(chunk => string.Concat(chunk)).ToArray();
        await Refusal.OfFieldsAsync(
            () => client.BoardTasks.BatchCreateBoardTasksAsync(
                new() { BoardTasks = { titles.Select(title => Sample.BoardTask(title)) } }).ResponseAsync,
            [.. titles.Select((_, i) => $"board_tasks[{i}].title")]);
        await client.BoardTasks.BatchCreateBoardTasksAsync(
            new() { BoardTasks = { titles.Select(title => Sample.BoardTask(title + "x")) } });
    }

    [Fact]
    public async Task Updates_Are_judged_like_creations()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateBoardTaskAsync();
        await Refusal.OfFieldsAsync(() =>
            client.BoardTasks.UpdateBoardTaskAsync(new() { BoardTask = new() { Id = task.Id, Title = "\u200B" } }).ResponseAsync,
            "board_task.title");
    }

    [Theory]
    [MemberData(nameof(NameFields))]
    public async Task A_name_that_begins_or_ends_with_white_space_Is_refused(string field)
    {
        using var client = fixture.NewClient();
        foreach (var text in Padded)
        {
            await Refusal.OfFieldsAsync(() => Names[field](client, text), field);
        }
    }

    [Fact]
    public async Task A_key_that_an_older_release_stored_Still_returns_its_delivery()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        foreach (var key in Padded.Concat(Blank.Where(text => !string.IsNullOrWhiteSpace(text))))
        {
            var stored = await client.TriggerAsync(task, $"key {key.Length} {Guid.NewGuid()}");
            stored.TriggerKey = key;
            OlderRelease.Store(fixture.Server, stored);

            Assert.Equal(stored, await client.TriggerAsync(task, key));
            Assert.Equal(stored, await client.GetAsync(stored));
        }

        // The same key is new for another task.
        var other = await client.CreateMonitorTaskAsync();
        await Refusal.OfFieldsAsync(() => client.TriggerAsync(other, Padded[0]), "trigger_key");
        await client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = task.TaskId });
        Assert.Equal(Padded[0], (await client.TriggerAsync(task, Padded[0])).TriggerKey);
    }

    [Fact]
    public async Task A_new_key_Is_judged_with_the_other_fields_and_before_the_task_is_looked_up()
    {
        using var client = fixture.NewClient();
        var request = new TriggerMonitorTaskRequest { TaskId = Guid.NewGuid().ToString(), TriggerKey = "k " };
        await Refusal.OfFieldsAsync(() => client.MonitorTasks.TriggerMonitorTaskAsync(request).ResponseAsync, "trigger_key");
        request.EntityId = "\u0001";
        await Refusal.OfFieldsAsync(() => client.MonitorTasks.TriggerMonitorTaskAsync(request).ResponseAsync, "trigger_key", "entity_id");
    }

    [Fact]
    public async Task Names_that_an_older_release_stored_Stay_readable_and_their_flow_goes_on()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync("tasks:\n- name: fetch\n  input: 7\n");
        (flow.Definition, flow.TaskNames[0]) = ("tasks:\n- name: ' fetch '\n  input: 7\n", " fetch ");
        OlderRelease.Store(fixture.Server, flow);

        // The name exists already: the flow has it.
        var execution = await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, " fetch "));
        Assert.Equal((" fetch ", 7), (execution.TaskName, execution.Input.NumberValue));
        await client.TransitionAsync(execution, TaskExecutionStatus.Canceled);
        Assert.Equal(" fetch ", (await client.TaskExecutions.RetryTaskExecutionAsync(new() { Id = execution.Id })).TaskName);
        Assert.Equal(1,
            (await client.TaskExecutions.GetTaskExecutionByKeyAsync(
                new() { FlowExecutionId = flow.Id, TaskName = " fetch " })).TaskExecutionIndex);
        Assert.Equal(2, await client.ListTaskExecutionsAsync(new() { Filter = "task_name = \" fetch \"" }).CountAsync());
        await Refusal.OfFieldsAsync(
            () => client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "fetch ")), "task_execution.task_name");

        var invisible = await client.CreateTaskExecutionAsync(Sample.TaskExecution(await client.CreateFlowExecutionAsync()));
        invisible.TaskName = "\u200B";
        OlderRelease.Store(fixture.Server, invisible);
        Assert.Equal(invisible,
            await client.TaskExecutions.GetTaskExecutionByKeyAsync(
                new() { FlowExecutionId = invisible.FlowExecutionId, TaskName = "\u200B" }));
        await Refusal.OfFieldsAsync(() =>
            client.TaskExecutions.GetTaskExecutionByKeyAsync(new() { FlowExecutionId = flow.Id, TaskName = " " }).ResponseAsync,
            "task_name");
    }

    private static string Escaped(string text) => string.Concat(text.EnumerateRunes().Select(rune => $"\\U{rune.Value:X8}"));

    private static Task<AgentTask> AgentAsync(TaskGrpcClient client, Action<AgentTask> set)
    {
        var task = Sample.AgentTask();
        set(task);
        return client.CreateAgentTaskAsync(task);
    }

    private static async Task MonitorAsync(TaskGrpcClient client, Action<MonitorTask> set)
    {
        var task = Sample.MonitorTask();
        set(task);
        await client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = task });
    }

    private static async Task FlowAsync(TaskGrpcClient client, FlowExecution flow) =>
        await client.FlowExecutions.CreateFlowExecutionAsync(new() { FlowExecution = flow });

    private static async Task ExecuteAsync(TaskGrpcClient client, Action<TaskExecution> set)
    {
        var execution = Sample.TaskExecution(await client.CreateFlowExecutionAsync());
        set(execution);
        await client.CreateTaskExecutionAsync(execution);
    }
}
