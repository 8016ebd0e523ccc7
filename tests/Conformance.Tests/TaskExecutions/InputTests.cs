using System.Text;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.TaskExecutions;

/// <summary>Inputs from the definition, with upstream outputs in them.</summary>
public abstract class InputTests(ServerFixture fixture)
{
    private const string Definition =
        """
        tasks:
        - name: fetch
        - name: load
          input:
            url: "{{fetch.output.url}}"
            all: "{{ fetch.output }}"
            text: "from {{fetch.output.url}}, {{fetch.output.pages}} pages: {{fetch.output.tags}}"
            second: "{{fetch.output.tags.1}}"
            prompt: "{{not_ours}} stays"
            numbers: [1, 2.5, true, null, "7", 007x]
        - name: plain
          input: 42
        """;

    private static readonly Value Output = Value.Parser.ParseJson("""{"url": "https://x/é", "pages": 3, "tags": ["a", "b\"c"]}""");

    [Fact]
    public async Task References_Become_the_latest_completed_output()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync(Definition);
        await CompleteAsync(client, flow, Value.Parser.ParseJson("""{"url": "old"}"""));
        await CompleteAsync(client, flow, Output);
        await client.TransitionAsync(
            await client.TransitionAsync(await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow)), TaskExecutionStatus.Running),
            TaskExecutionStatus.Failed);

        var input = (await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "load"))).Input.StructValue.Fields;

        Assert.Equal(("https://x/é", Output), (input["url"].StringValue, input["all"]));
        Assert.Equal("from https://x/é, 3 pages: [\"a\",\"b\\\"c\"]", input["text"].StringValue);
        Assert.Equal(("b\"c", "{{not_ours}} stays"), (input["second"].StringValue, input["prompt"].StringValue));
        Assert.Equal(Value.Parser.ParseJson("""[1, 2.5, true, null, "7", "007x"]"""), input["numbers"]);
        Assert.Equal(42, (await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "plain"))).Input.NumberValue);
        Assert.Null((await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow))).Input);
    }

    [Fact]
    public async Task A_sent_input_Replaces_the_definitions_and_null_means_none()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync(Definition);
        var sent = Sample.TaskExecution(flow, "load");
        sent.Input = Value.ForString("{{fetch.output.url}}");
        Assert.Equal("{{fetch.output.url}}", (await client.CreateTaskExecutionAsync(sent)).Input.StringValue);
        sent.Input = Value.ForNull();
        Assert.Null((await client.CreateTaskExecutionAsync(sent)).Input);
    }

    [Fact]
    public async Task A_missing_output_Is_refused_until_it_is_there()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync(Definition);
        Func<Task> load = () => client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "load"));
        Assert.Contains("Wait until", (await Refusal.OfAsync(ErrorReason.UpstreamOutputMissing, load)).Message, StringComparison.Ordinal);
        await CompleteAsync(client, flow, null);
        await Refusal.OfAsync(ErrorReason.UpstreamOutputMissing, load);
        await CompleteAsync(client, flow, Value.Parser.ParseJson("""{"url": "x", "pages": 1, "tags": ["only one"]}"""));
        var lacking = (await Refusal.OfAsync(ErrorReason.UpstreamOutputMissing, load)).Message;
        Assert.Contains("fetch.output.tags.1", lacking, StringComparison.Ordinal);
        Assert.Contains("Correct the definition", lacking, StringComparison.Ordinal);
        Assert.Equal(0, await client.ListTaskExecutionsAsync(new() { Filter = "task_name = load" }).CountAsync());
        await CompleteAsync(client, flow, Output);
        await load();

        // The output of a STALE or DELETED execution, or of another flow, does not count.
        var other = await client.CreateFlowExecutionAsync(Definition);
        await Refusal.OfAsync(
            ErrorReason.UpstreamOutputMissing, () => client.CreateTaskExecutionAsync(Sample.TaskExecution(other, "load")));
        await client.TransitionAsync(await CompleteAsync(client, other, Output), TaskExecutionStatus.Stale);
        await Refusal.OfAsync(
            ErrorReason.UpstreamOutputMissing, () => client.CreateTaskExecutionAsync(Sample.TaskExecution(other, "load")));
    }

    [Fact]
    public async Task Within_a_batch_Later_executions_see_what_earlier_ones_record()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync(Definition);
        var fetched =
            new TaskExecution { FlowExecutionId = flow.Id, TaskName = "fetch", Status = TaskExecutionStatus.Completed, Output = Output };
        var created = await client.TaskExecutions.BatchCreateTaskExecutionsAsync(
            new() { TaskExecutions = { fetched, Sample.TaskExecution(flow, "load") } });
        Assert.Equal("https://x/é", created.TaskExecutions[1].Input.StructValue.Fields["url"].StringValue);
        await Refusal.OfAsync(ErrorReason.UpstreamOutputMissing, async () =>
        {
            var late = await client.CreateFlowExecutionAsync(Definition);
            fetched.FlowExecutionId = late.Id;
            await client.TaskExecutions.BatchCreateTaskExecutionsAsync(
                new() { TaskExecutions = { Sample.TaskExecution(late, "load"), fetched } });
        });
    }

    [Fact]
    public async Task An_input_that_outputs_make_too_large_or_too_deep_Is_refused()
    {
        using var client = fixture.NewClient();
        var definition = new StringBuilder("tasks:\n- name: fetch\n- name: load\n  input:\n");
        for (var i = 0; i < 2000; i++)
        {
            definition.Append("  - '{{fetch.output}}'\n");
        }

        var flow = await client.CreateFlowExecutionAsync(definition.ToString());
        await CompleteAsync(client, flow, Value.ForString(new string('x', 900_000)));
        await Refusal.OfFieldsAsync(() => client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "load")), "task_execution.input");

        // Each input fits the limit, but all inputs of the request together do not.
        var wide = await client.CreateFlowExecutionAsync("tasks:\n- name: fetch\n- name: load\n  input: '{{fetch.output}}'");
        await CompleteAsync(client, wide, Value.ForString(new string('x', 900_000)));
        BatchCreateTaskExecutionsRequest Loads(int count) =>
            new() { TaskExecutions = { Enumerable.Repeat(Sample.TaskExecution(wide, "load"), count) } };
        await Refusal.OfFieldsAsync(
            () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(Loads(4)).ResponseAsync, "task_executions[3].input");
        Assert.Equal(3, (await client.TaskExecutions.BatchCreateTaskExecutionsAsync(Loads(3))).TaskExecutions.Count);

        var deep = await client.CreateFlowExecutionAsync(
            "tasks:\n- name: fetch\n- name: load\n  input: {a: {b: {c: '{{fetch.output}}'}}}");
        Value Nested(int levels) => levels == 0 ? Value.ForNumber(1) : Value.ForList(Nested(levels - 1));
        await CompleteAsync(client, deep, Nested(29));
        await Refusal.OfFieldsAsync(() => client.CreateTaskExecutionAsync(Sample.TaskExecution(deep, "load")), "task_execution.input");
        await CompleteAsync(client, deep, Nested(27));
        await client.CreateTaskExecutionAsync(Sample.TaskExecution(deep, "load"));
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { Ids = { deep.Id }, AfterRevision = 0 });
    }

    private static async Task<TaskExecution> CompleteAsync(TaskGrpcClient client, FlowExecution flow, Value? output) =>
        await client.CreateTaskExecutionAsync(
            new TaskExecution { FlowExecutionId = flow.Id, TaskName = "fetch", Status = TaskExecutionStatus.Completed, Output = output });
}
