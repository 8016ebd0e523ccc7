using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hosting;

/// <summary>A standard client in its default settings can read every error, however many violations a request has.</summary>
public sealed class ErrorSizeTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    private const int MostDetails = 5500;

    /// <summary>Three bytes in UTF-8, nine bytes in grpc-message.</summary>
    private const char Wide = '語';

    public static TheoryData<string, byte[], string, int> Requests()
    {
        const string agentTasks = "/taskgrpc.v1.AgentTaskService/";
        var id = Guid.NewGuid().ToString();
        var data = new TheoryData<string, byte[], string, int>();
        void Add(string method, IMessage request, string reason, int violations) =>
            data.Add(method, request.ToByteArray(), reason, violations);

        var nested = Enumerable.Repeat(WithNaN("outer", "inner"), 40);
        Add(agentTasks + "BatchCreateAgentTasks", new BatchCreateAgentTasksRequest { AgentTasks = { nested } }, "INVALID_FIELD", 40);
        var empty = Enumerable.Repeat(new AgentTask(), 1000);
        Add(agentTasks + "BatchCreateAgentTasks", new BatchCreateAgentTasksRequest { AgentTasks = { empty } }, "INVALID_FIELD", 3000);
        var wide = WithNaN([.. Enumerable.Range(0, 30).Select(i => new string(Wide, 100) + i)]);
        Add(agentTasks + "CreateAgentTask", new CreateAgentTaskRequest { AgentTask = wide }, "INVALID_FIELD", 1);
        foreach (var letter in new[] { 'x', Wide })
        {
            var update = new UpdateAgentTaskRequest { AgentTask = new() { Id = id }, UpdateMask = Mask(letter) };
            Add(agentTasks + "UpdateAgentTask", update, "INVALID_FIELD", 30);
        }

        Add(agentTasks + "GetAgentTask", new GetAgentTaskRequest { Id = new string(Wide, 100_000) }, "INVALID_FIELD", 1);
        var filter = $"title = \"{new string(Wide, 1000)}\" nonsense";
        Add(agentTasks + "ListAgentTasks", new ListAgentTasksRequest { Filter = filter }, "INVALID_FILTER", 1);
        var byKey = new GetTaskExecutionByKeyRequest { FlowExecutionId = id, TaskName = new string(Wide, 256) };
        Add("/taskgrpc.v1.TaskExecutionService/GetTaskExecutionByKey", byKey, "RESOURCE_NOT_FOUND", 0);
        var trigger = new TriggerMonitorTaskRequest { TaskId = id, TriggerKey = new string(Wide, 256) };
        Add("/taskgrpc.v1.MonitorTaskService/TriggerMonitorTask", trigger, "RESOURCE_NOT_FOUND", 0);
        return data;
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task An_error_Reaches_a_client_that_takes_eight_kibibytes_and_counts_what_it_leaves_out(
        string method, byte[] request, string reason, int violations)
    {
        var refused = await PythonClient.CallAsync(server.Server.Grpc, method, request);
        Assert.Equal(((Code)refused.Details.Code).ToString(), refused.Code.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
        Assert.Equal(reason, refused.Details.GetDetail<ErrorInfo>()!.Reason);
        Assert.InRange(refused.DetailsSize, 1, MostDetails - 1);
        Assert.NotEmpty(refused.Message);
        var told = refused.Details.GetDetail<BadRequest>()?.FieldViolations ?? [];
        var rest = told.Count > 0 && told[^1].Field.Length == 0
            ? int.Parse(told[^1].Description.Split(' ')[2], CultureInfo.InvariantCulture) : 0;
        Assert.Equal(violations, told.Count(violation => violation.Field.Length > 0) + rest);
        // As many violations as fit.
        Assert.True(rest == 0 || refused.DetailsSize > MostDetails - 1000, $"{rest} are left out of {refused.DetailsSize} bytes.");
    }

    private static AgentTask WithNaN(params string[] path)
    {
        var value = path.Reverse()
            .Aggregate(Value.ForNumber(double.NaN), (inner, key) => Value.ForStruct(new Struct { Fields = { [key] = inner } }));
        var task = Sample.AgentTask();
        task.Metadata = value.StructValue;
        return task;
    }

    private static FieldMask Mask(char letter) =>
        new() { Paths = { Enumerable.Range(0, 30).Select(i => $"{i}{new string(letter, 200)}") } };
}
