using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.FlowExecutionStatus;

namespace TaskGrpc.Conformance.Tests.FlowExecutions;

public abstract class FlowExecutionTests(ServerFixture fixture)
{
    private static readonly FlowExecutionStatus[] Statuses = [Queued, Running, Completed, Failed, Canceled];

    private static readonly Dictionary<FlowExecutionStatus, FlowExecutionStatus[]> Table = new()
    {
        [Queued] = [Running, Failed, Canceled],
        [Running] = [Completed, Failed, Canceled],
        [Failed] = [Running],
        [Completed] = [],
        [Canceled] = [],
    };

    public static TheoryData<FlowExecutionStatus> From => [.. Statuses];

    [Theory]
    [MemberData(nameof(From))]
    public async Task Transition_to_every_status_Moves_or_refuses_as_the_table_says(FlowExecutionStatus from)
    {
        using var client = fixture.NewClient();
        foreach (var to in Statuses)
        {
            var flow = await ReachAsync(client, from);
            if (Table[from].Contains(to))
            {
                Assert.Equal(to, (await client.TransitionAsync(flow, to)).Status);
                continue;
            }

            var refusal = await Refusal.OfAsync(ErrorReason.InvalidTransition, () => client.TransitionAsync(flow, to));
            Assert.Equal(Table[from].Select(Name), refusal.Details["allowed"].Split(',', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal(flow, await client.FlowExecutions.GetFlowExecutionAsync(new() { Id = flow.Id }));
        }
    }

    [Fact]
    public async Task The_timestamps_Are_of_the_first_start_and_the_last_end()
    {
        using var client = fixture.NewClient();
        var queued = await client.CreateFlowExecutionAsync();
        Assert.Equal((null, null), (queued.StartedAt, queued.FinishedAt));
        var running = await client.TransitionAsync(queued, Running);
        var failed = await client.TransitionAsync(running, Failed);
        Assert.Equal((running.UpdatedAt, failed.UpdatedAt), (failed.StartedAt, failed.FinishedAt));
        var again = await client.TransitionAsync(failed, Running);
        Assert.Equal((running.StartedAt, null), (again.StartedAt, again.FinishedAt));
    }

    [Fact]
    public async Task A_definition_Gives_the_tasks_their_names_and_input_is_kept()
    {
        using var client = fixture.NewClient();
        var input = Value.ForList(Value.ForNumber(1), Value.ForNull(), Value.ForString("x"));
        var sample = Sample.FlowExecution(
            "tasks:\n  - name: fetch\n    timeout: 5m\n  - {name: 'load it', input: {url: '{{fetch.output.url}}'}}\nowner: ops\n");
        sample.Input = input;
        var flow = await client.FlowExecutions.CreateFlowExecutionAsync(new() { FlowExecution = sample });
        Assert.Equal(["fetch", "load it"], flow.TaskNames);
        Assert.Equal((input, Queued), (flow.Input, flow.Status));

        var named = await client.FlowExecutions.CreateFlowExecutionAsync(
            new() { FlowExecution = new() { WorkflowId = "w", TaskNames = { "a", "A" } } });
        Assert.Equal(["a", "A"], named.TaskNames);
    }

    [Theory]
    [InlineData("", "line 1, column 1")]
    [InlineData("tasks", "line 1, column 1")]
    [InlineData("jobs: []", "line 1, column 1")]
    [InlineData("tasks: []", "line 1, column 8")]
    [InlineData("tasks: fetch", "line 1, column 8")]
    [InlineData("tasks:\n- fetch", "line 2, column 3")]
    [InlineData("tasks:\n- input: 1", "line 2, column 3")]
    [InlineData("tasks:\n- name: 42", "line 2, column 9")]
    [InlineData("tasks:\n- name: ''", "line 2, column 9")]
    [InlineData("tasks:\n- name: a\n- name: a", "line 3, column 9")]
    [InlineData("tasks:\n- name: a\n  name: b", "line 3, column 3")]
    [InlineData("tasks:\n- name: a\n  input: {x: '{{b.output}}'}", "line 3, column 14")]
    [InlineData("tasks:\n- name: [a\n", "line 3, column 1")]
    [InlineData("tasks:\n\t- name: a", "line 2")]
    [InlineData("tasks:\n- name: &x a\n- name: *x", "line 2, column 9")]
    [InlineData("tasks:\n- name: *x", "line 2, column 9")]
    [InlineData("tasks:\n- name: a\n---\ntasks: []", "line 3, column 1")]
    [InlineData("? [a]\n: b", "line 1, column 3")]
    [InlineData("tasks: !<http://[> []", "line 1")]
    [InlineData("tasks: !<> []", "line 1")]
    [InlineData("%TAG ! \ntasks: []", "line 1")]
    [InlineData("tasks:\n- name: a\n  input: {\"x\\0\": 1}", "line 3, column 11")]
    [InlineData("tasks:\n- name: \"\\xZZ\"", "line 2")]
    [InlineData("tasks:\n- name: \"\\uD800\"", "line 2")]
    public async Task A_definition_that_cannot_be_understood_Is_refused_with_its_line_and_column(string definition, string place)
    {
        using var client = fixture.NewClient();
        var refusal = await Refusal.OfFieldsAsync(() => client.CreateFlowExecutionAsync(definition), "flow_execution.definition");
        Assert.StartsWith(place, Assert.Single(refusal.FieldViolations).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_beyond_its_bounds_Is_refused()
    {
        using var client = fixture.NewClient();
        static string Tasks(int count) => "tasks:\n" + string.Concat(Enumerable.Range(0, count).Select(i => $"- name: t{i}\n"));
        static string Deep(int levels) => $"tasks:\n- name: a\n  input: {new string('[', levels)}{new string(']', levels)}";
        Assert.Equal(1000, (await client.CreateFlowExecutionAsync(Tasks(1000))).TaskNames.Count);
        await Refusal.OfFieldsAsync(() => client.CreateFlowExecutionAsync(Tasks(1001)), "flow_execution.definition");
        await client.CreateFlowExecutionAsync(Deep(27));
        await Refusal.OfFieldsAsync(() => client.CreateFlowExecutionAsync(Deep(40)), "flow_execution.definition");
        await Refusal.OfFieldsAsync(() => client.CreateFlowExecutionAsync(Deep(20_000)), "flow_execution.definition");
        await Refusal.OfFieldsAsync(() => client.CreateFlowExecutionAsync("# " + new string('x', 65_536)), "flow_execution.definition");
        await Refusal.OfFieldsAsync(
            () => client.CreateFlowExecutionAsync($"tasks:\n- name: {new string('x', 257)}"), "flow_execution.definition");
        await Refusal.OfFieldsAsync(() =>
            client.FlowExecutions.CreateFlowExecutionAsync(
                new() { FlowExecution = new() { WorkflowId = "w", TaskNames = { "a", " ", "b", "a" } } }).ResponseAsync,
                    "flow_execution.task_names", "flow_execution.task_names[1]");
        await Refusal.OfFieldsAsync(() =>
            client.FlowExecutions.CreateFlowExecutionAsync(
                new()
                {
                    FlowExecution = new()
                    {
                        WorkflowId = "w",
                        TaskNames = { "a" },
                        Definition = "tasks:\n- name: a"
                    }
                }).ResponseAsync, "flow_execution.task_names");
        await Refusal.OfFieldsAsync(() => client.FlowExecutions.CreateFlowExecutionAsync(new() { FlowExecution = new() }).ResponseAsync,
            "flow_execution.workflow_id");
    }

    [Fact]
    public async Task Cancel_Calls_off_open_executions_in_the_same_revision()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        var queued = await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "a"));
        var running = await client.TransitionAsync(
            await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "b")), TaskExecutionStatus.Running);
        var done = await client.CreateTaskExecutionAsync(
            new() { FlowExecutionId = flow.Id, TaskName = "c", Status = TaskExecutionStatus.Completed });
        using var robot = fixture.Server.Client(flow.OrganizationId, "conductor", "service");

        await robot.FlowExecutions.TransitionFlowExecutionAsync(new() { Id = flow.Id, Status = Canceled, Reason = "too late" });

        var log = await client.ListChangesAsync(new() { AfterRevision = 5 }).ToListAsync();
        Assert.Equal([flow.Id, queued.Id, running.Id], log.Select(seen => seen.Change.FlowExecution?.Id ?? seen.Change.TaskExecution.Id));
        Assert.All(log, seen => Assert.Equal((6L, "too late"), (seen.Change.Revision, seen.Change.Reason)));
        Assert.All(log.Skip(1),
            seen => Assert.Equal((TaskExecutionStatus.Canceled, "system", seen.Change.ChangedAt),
                (seen.Change.TaskExecution.Status, seen.Change.TaskExecution.LastModifiedBy, seen.Change.TaskExecution.FinishedAt)));
        Assert.Equal(done, await client.TaskExecutions.GetTaskExecutionAsync(new() { Id = done.Id }));
    }

    [Fact]
    public async Task Flows_Are_found_by_workflow_and_status()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        await client.FlowExecutions.CreateFlowExecutionAsync(new() { FlowExecution = new() { WorkflowId = "other" } });
        Assert.Equal([flow],
            await client.ListFlowExecutionsAsync(new() { Filter = "workflow_id = restock AND status = QUEUED AND NOT started_at:*" })
            .ToListAsync());
        Assert.Equal([flow], (await client.FlowExecutions.BatchGetFlowExecutionsAsync(new() { Ids = { flow.Id } })).FlowExecutions);
    }

    private static async Task<FlowExecution> ReachAsync(TaskGrpcClient client, FlowExecutionStatus status)
    {
        var flow = await client.CreateFlowExecutionAsync();
        if (status == Completed)
        {
            flow = await client.TransitionAsync(flow, Running);
        }

        return status == Queued ? flow : await client.TransitionAsync(flow, status);
    }

    private static string Name(FlowExecutionStatus status) => $"FLOW_EXECUTION_STATUS_{status.ToString().ToUpperInvariant()}";
}
