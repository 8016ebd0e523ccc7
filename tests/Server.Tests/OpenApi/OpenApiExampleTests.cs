using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.OpenApi;

/// <summary>Sends the examples of the document to the server that serves it.</summary>
public sealed class OpenApiExampleTests(DocumentedServer server) : IClassFixture<DocumentedServer>, IDisposable
{
    private const string Organization = "examples";

    private readonly TaskGrpcClient _client = server.Server.Client(Organization);

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Every_example_of_a_body_Is_accepted()
    {
        var sent = 0;
        foreach (var (verb, path, operation) in server.Operations)
        {
            var call = (string)operation["operationId"]!;
            foreach (var (name, example) in operation["requestBody"]?["content"]!["application/json"]!["examples"]?.AsObject() ?? [])
            {
                var (target, body) = ((await TargetAsync(call)).Id, example!["value"]!.DeepClone().AsObject());
                await FillAsync(call, name, target, body);
                var (status, answer) = await SendAsync(verb, path.Split('{') is [var before, var after]
                    ? $"{before}{target}{after.Split('}')[1]}" : path, body);
                Assert.True(status == HttpStatusCode.OK, $"{call} {name}: {answer}");
                Assert.True(call != "ClaimNext" || answer.Contains("leaseToken", StringComparison.Ordinal), $"{name} found no work.");
                sent++;
            }
        }

        Assert.True(sent >= 25, $"Only {sent} examples were sent.");
    }

    [Theory]
    [InlineData("CreateAgentTask")]
    [InlineData("CreateBoardTask")]
    [InlineData("CreateMonitorTask")]
    [InlineData("CreateFlowExecution")]
    [InlineData("CreateTaskExecution")]
    [InlineData("TransitionAgentTask")]
    [InlineData("TransitionBoardTask")]
    [InlineData("TransitionFlowExecution")]
    [InlineData("TransitionTaskExecution")]
    [InlineData("ClaimNext")]
    public void A_call_that_starts_or_moves_work_Has_an_example(string call) =>
        Assert.NotNull(server.Operation(call)["requestBody"]!["content"]!["application/json"]!["examples"]);

    [Fact]
    public void Every_error_Has_an_example() => Assert.All(
        server.Document["components"]!["responses"]!.AsObject(),
        answer => Assert.NotNull(answer.Value!["content"]!["application/json"]!["example"]!["message"]));

    /// <summary>A resource that the call can move.</summary>
    private async Task<(string Id, IResource? Resource)> TargetAsync(string call)
    {
        IResource? target = call switch
        {
            "UpdateAgentTask" or "TransitionAgentTask" or "RequestCancel" => await _client.CreateAgentTaskAsync(),
            "ApproveAgentTask" or "RejectAgentTask" => await AwaitingAsync(),
            "UpdateBoardTask" or "AddSubtask" or "AddBlocker" => await _client.CreateBoardTaskAsync(),
            "TransitionBoardTask" => await RunningAsync(),
            "UpdateMonitorTask" or "TriggerMonitorTask" => await _client.CreateMonitorTaskAsync(),
            "TransitionFlowExecution" => await _client.CreateFlowExecutionAsync(),
            "TransitionTaskExecution" =>
                await _client.CreateTaskExecutionAsync(Sample.TaskExecution(await _client.CreateFlowExecutionAsync())),
            "ClaimNext" or "Heartbeat" or "Release" => await _client.CreateAgentTaskAsync(
                new AgentTask(Sample.AgentTask()) { Priority = 20, AssignedAgentRole = call }),
            _ => null,
        };
        return (target?.Id ?? "", target);
    }

    /// <summary>Puts ids, tokens and etags of this server in the place of those in the example.</summary>
    private async Task FillAsync(string call, string example, string target, JsonObject body)
    {
        switch (call)
        {
            case "CreateTaskExecution":
                body["flowExecutionId"] = await FlowAsync();
                break;
            case "BatchCreateTaskExecutions":
                var flow = await FlowAsync();
                foreach (var execution in body["taskExecutions"]!.AsArray())
                {
                    execution!["flowExecutionId"] = flow;
                }

                break;
            case "AddSubtask":
                body["childId"] = (await _client.CreateBoardTaskAsync()).Id;
                break;
            case "AddBlocker":
                body["blockerId"] = (await _client.CreateBoardTaskAsync()).Id;
                break;
            case "ApproveAgentTask" or "RejectAgentTask":
                body["etag"] = (await _client.AgentTasks.GetAgentTaskAsync(new() { Id = target })).Etag;
                break;
            case "TransitionTaskExecution" when example != "run":
                await _client.TaskExecutions.TransitionTaskExecutionAsync(new() { Id = target, Status = TaskExecutionStatus.Running });
                break;
            case "RequestCancel":
                body["id"] = target;
                break;
            case "Heartbeat" or "Release":
                var claim = new ClaimNextRequest
                {
                    Kind = ResourceKind.AgentTask,
                    Worker = "test",
                    Filter = $"assigned_agent_role = \"{call}\"",
                };
                var lease = Assert.Single((await _client.Work.ClaimNextAsync(claim)).Leases);
                (body["id"], body["leaseToken"]) = (lease.AgentTask.Id, lease.LeaseToken);
                break;
        }
    }

    /// <summary>The flow of the document's own example: its definition names the tasks of the other examples.</summary>
    private async Task<string> FlowAsync()
    {
        var body = server.Operation("CreateFlowExecution")["requestBody"]!["content"]!["application/json"]!;
        var (_, answer) = await SendAsync("POST", "/flow-executions", body["examples"]!["restock"]!["value"]!.AsObject());
        return (string)JsonNode.Parse(answer)!["id"]!;
    }

    private async Task<AgentTask> AwaitingAsync()
    {
        var planning = await _client.TransitionAsync(await _client.CreateAgentTaskAsync(), AgentTaskStatus.Planning);
        return await _client.TransitionAsync(planning, AgentTaskStatus.AwaitingApproval);
    }

    private async Task<BoardTask> RunningAsync()
    {
        var task = await _client.CreateBoardTaskAsync(new BoardTask(Sample.BoardTask()) { AssignedToTypeId = "investigator" });
        return await _client.TransitionAsync(await _client.TransitionAsync(task, BoardTaskStatus.Assigned), BoardTaskStatus.Running);
    }

    private async Task<(HttpStatusCode Status, string Answer)> SendAsync(string verb, string path, JsonObject body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), path)
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("x-organization-id", Organization);
        using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
