using Google.Rpc;
using Grpc.Core;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hosting;

public abstract class ErrorDetailTests(ServerFixture fixture)
{
    [Fact]
    public async Task Violations_Come_as_BadRequest_with_ErrorInfo()
    {
        using var client = fixture.NewClient();
        var status = await RefusedAsync(
            StatusCode.InvalidArgument, client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = new() { Title = "x" } }).ResponseAsync);

        Assert.Equal(("taskgrpc", "INVALID_FIELD"), (status.GetDetail<ErrorInfo>()!.Domain, status.GetDetail<ErrorInfo>()!.Reason));
        Assert.Equal(["agent_task.task_type", "agent_task.source_type"],
            status.GetDetail<BadRequest>()!.FieldViolations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task A_missing_resource_Comes_as_ResourceInfo()
    {
        using var client = fixture.NewClient();
        var id = Guid.NewGuid().ToString();
        var status = await RefusedAsync(StatusCode.NotFound, client.AgentTasks.GetAgentTaskAsync(new() { Id = id }).ResponseAsync);
        Assert.Equal(("AgentTask", id), (status.GetDetail<ResourceInfo>()!.ResourceType, status.GetDetail<ResourceInfo>()!.ResourceName));
    }

    [Fact]
    public async Task A_bad_state_Comes_as_PreconditionFailure()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();
        var status = await RefusedAsync(StatusCode.FailedPrecondition, client.TransitionAsync(task, AgentTaskStatus.Completed));
        var violation = Assert.Single(status.GetDetail<PreconditionFailure>()!.Violations);
        Assert.Equal(("INVALID_TRANSITION", $"AgentTask/{task.Id}"), (violation.Type, violation.Subject));
    }

    [Fact]
    public async Task A_stale_etag_Is_aborted()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();
        await RefusedAsync(StatusCode.Aborted, client.TransitionAsync(task, AgentTaskStatus.Planning, "x"));
    }

    [Fact]
    public async Task Many_violations_Do_not_swell_the_answer_beyond_what_clients_accept()
    {
        using var client = fixture.NewClient();
        var status = await RefusedAsync(StatusCode.InvalidArgument,
            client.BoardTasks.BatchCreateBoardTasksAsync(
                new() { BoardTasks = { Enumerable.Repeat(new BoardTask(), 1000) } }).ResponseAsync);
        var told = status.GetDetail<BadRequest>()!.FieldViolations;
        Assert.Equal("board_tasks[0].title", told[0].Field);
        if (fixture.IsJson)
        {
            // A body has room for all of them.
            Assert.Equal(1000, told.Count);
            return;
        }

        Assert.Equal(
            $"there are {1001 - told.Count} more violations; correct those above and send the request again", told[^1].Description);
    }

    private static async Task<Google.Rpc.Status> RefusedAsync(StatusCode code, Task call)
    {
        var exception = await Assert.ThrowsAnyAsync<RpcException>(() => call);
        Assert.Equal(code, exception.StatusCode);
        Assert.NotEmpty(exception.Status.Detail);
        return exception.GetRpcStatus()!;
    }
}
