using Google.Protobuf;
using Google.Protobuf.Reflection;
using TaskGrpc.Client;
using TaskGrpc.Server.Calls;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>
/// A Create with a status other than the initial one is refused, for every kind whose creator does not choose the status.
/// </summary>
public abstract class InitialStatusTests(ServerFixture fixture)
{
    /// <summary>The initial status of each kind, a valid resource, and its Create and BatchCreate.</summary>
    private static readonly Dictionary<string, (int Initial, IMessage Sample, Func<TaskGrpcClient, IMessage, bool, Task<IMessage>> Create,
        Func<TaskGrpcClient, IMessage[], Task>? Batch)> Kinds = new()
        {
            ["AgentTask"] = (
            (int)AgentTaskStatus.Queued,
            Sample.AgentTask(),
            async (client, task, dry) =>
                await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = (AgentTask)task, ValidateOnly = dry }),
            async (client, tasks) =>
                await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { tasks.Cast<AgentTask>() } })),
            ["BoardTask"] = (
            (int)BoardTaskStatus.Backlog,
            Sample.BoardTask(),
            async (client, task, dry) =>
                await client.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = (BoardTask)task, ValidateOnly = dry }),
            async (client, tasks) =>
                await client.BoardTasks.BatchCreateBoardTasksAsync(new() { BoardTasks = { tasks.Cast<BoardTask>() } })),
            ["MonitorTask"] = (
            (int)MonitorTaskStatus.Active,
            Sample.MonitorTask(),
            async (client, task, dry) =>
                await client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = (MonitorTask)task, ValidateOnly = dry }),
            null),
            ["FlowExecution"] = (
            (int)FlowExecutionStatus.Queued,
            Sample.FlowExecution(),
            async (client, flow, dry) =>
                await client.FlowExecutions.CreateFlowExecutionAsync(new() { FlowExecution = (FlowExecution)flow, ValidateOnly = dry }),
            null),
        };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    [Fact]
    public void Every_kind_that_a_call_creates_Is_covered_here()
    {
        var created = ServedContract.Services.SelectMany(service => service.Methods)
            .Where(method =>
                method.Name.StartsWith("Create", StringComparison.Ordinal) && method.OutputType.FindFieldByName("status") is not null)
            .Select(method => method.OutputType.Name)
            // A task execution may record a past run, so its creator sends the status; TaskExecutionTests has the table.
            .Where(name => name != "TaskExecution");
        Assert.Equal(Kinds.Keys.Order(), created.Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_status_at_creation_Is_the_initial_one_or_is_refused(string kind)
    {
        using var client = fixture.NewClient();
        var (initial, sample, create, batch) = Kinds[kind];
        var field = kind switch
        {
            "AgentTask" => "agent_task",
            "BoardTask" => "board_task",
            "MonitorTask" => "monitor_task",
            _ => "flow_execution"
        };
        var status = sample.Descriptor.FindFieldByName("status");
        foreach (var number in status.EnumType.Values.Select(value => value.Number).Append(42))
        {
            var resource = With(sample, status, number);
            if (number == 0 || number == initial)
            {
                Assert.Equal(initial, (int)status.Accessor.GetValue(await create(client, resource, false)));
                continue;
            }

            foreach (var dry in new[] { false, true })
            {
                await Refusal.OfFieldsAsync(() => create(client, resource, dry), $"{field}.status");
            }

            if (batch is not null)
            {
                await Refusal.OfFieldsAsync(
                    () => batch(client, [sample, resource, resource]), $"{field}s[1].status", $"{field}s[2].status");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Other_output_only_fields_Are_ignored(string kind)
    {
        using var client = fixture.NewClient();
        var (_, sample, create, _) = Kinds[kind];
        var created = await create(client, sample, false);
        // The test sends an answer back unchanged: Create ignores all output-only fields but the status, and that is the initial one.
        var again = await create(client, created, false);
        Assert.NotEqual(((IResource)created).Id, ((IResource)again).Id);
    }

    private static IMessage With(IMessage sample, FieldDescriptor status, int number)
    {
        var resource = sample.Descriptor.Parser.ParseFrom(sample.ToByteString());
        status.Accessor.SetValue(resource, Enum.ToObject(status.EnumType.ClrType, number));
        return resource;
    }
}
