using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using TaskGrpc.Testing;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hosting;

/// <summary>A standard client in its default settings reads every error, however much is wrong with the request.</summary>
public sealed class ErrorSizeTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    private const int MostDetails = 5500;

    /// <summary>Three bytes in UTF-8, nine in grpc-message.</summary>
    private const char Wide = '語';

    public static TheoryData<string, byte[], string, int> Requests()
    {
        var id = Guid.NewGuid().ToString();
        return new()
        {
            { "/taskgrpc.v1.AgentTaskService/BatchCreateAgentTasks", Bytes(new BatchCreateAgentTasksRequest { AgentTasks = { Enumerable.Repeat(WithNaN("outer", "inner"), 40) } }), "INVALID_FIELD", 40 },
            { "/taskgrpc.v1.AgentTaskService/BatchCreateAgentTasks", Bytes(new BatchCreateAgentTasksRequest { AgentTasks = { Enumerable.Repeat(new AgentTask(), 1000) } }), "INVALID_FIELD", 3000 },
            { "/taskgrpc.v1.AgentTaskService/CreateAgentTask", Bytes(new CreateAgentTaskRequest { AgentTask = WithNaN([.. Enumerable.Range(0, 30).Select(i => new string(Wide, 100) + i)]) }), "INVALID_FIELD", 1 },
            { "/taskgrpc.v1.AgentTaskService/UpdateAgentTask", Bytes(new UpdateAgentTaskRequest { AgentTask = new() { Id = id }, UpdateMask = Mask('x') }), "INVALID_FIELD", 30 },
            { "/taskgrpc.v1.AgentTaskService/UpdateAgentTask", Bytes(new UpdateAgentTaskRequest { AgentTask = new() { Id = id }, UpdateMask = Mask(Wide) }), "INVALID_FIELD", 30 },
            { "/taskgrpc.v1.AgentTaskService/GetAgentTask", Bytes(new GetAgentTaskRequest { Id = new string(Wide, 100_000) }), "INVALID_FIELD", 1 },
            { "/taskgrpc.v1.AgentTaskService/ListAgentTasks", Bytes(new ListAgentTasksRequest { Filter = $"title = \"{new string(Wide, 1000)}\" nonsense" }), "INVALID_FILTER", 1 },
            { "/taskgrpc.v1.TaskExecutionService/GetTaskExecutionByKey", Bytes(new GetTaskExecutionByKeyRequest { FlowExecutionId = id, TaskName = new string(Wide, 256) }), "RESOURCE_NOT_FOUND", 0 },
            { "/taskgrpc.v1.MonitorTaskService/TriggerMonitorTask", Bytes(new TriggerMonitorTaskRequest { TaskId = id, TriggerKey = new string(Wide, 256) }), "RESOURCE_NOT_FOUND", 0 },
        };
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task An_error_Reaches_a_client_that_takes_eight_kibibytes_and_counts_what_it_leaves_out(string method, byte[] request, string reason, int violations)
    {
        var refused = await PythonClient.CallAsync(server.Server.Grpc, method, request);
        Assert.Equal(((Code)refused.Details.Code).ToString(), refused.Code.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
        Assert.Equal(reason, refused.Details.GetDetail<ErrorInfo>()!.Reason);
        Assert.InRange(refused.DetailsSize, 1, MostDetails - 1);
        Assert.NotEmpty(refused.Message);
        var told = refused.Details.GetDetail<BadRequest>()?.FieldViolations ?? [];
        var rest = told.Count > 0 && told[^1].Field.Length == 0 ? int.Parse(told[^1].Description.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture) : 0;
        Assert.Equal(violations, told.Count(violation => violation.Field.Length > 0) + rest);
        // As many as fit.
        Assert.True(rest == 0 || refused.DetailsSize > MostDetails - 1000, $"{rest} are left out of {refused.DetailsSize} bytes.");
    }

    private static byte[] Bytes(IMessage message) => message.ToByteArray();

    private static AgentTask WithNaN(params string[] path)
    {
        var value = path.Reverse().Aggregate(Value.ForNumber(double.NaN), (inner, key) => Value.ForStruct(new Struct { Fields = { [key] = inner } }));
        var task = Sample.AgentTask();
        task.Metadata = value.StructValue;
        return task;
    }

    private static FieldMask Mask(char letter) => new() { Paths = { Enumerable.Range(0, 30).Select(i => new string(letter, 200) + i) } };
}
