using Grpc.Core;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>A program's own tests replace the client: by a class of their own, or by a mocking library.</summary>
public sealed class MockTests
{
    [Fact]
    public void Every_member_Can_be_overridden()
    {
        var fixedMembers = typeof(TaskGrpcClient).GetMethods()
            .Where(method => method.DeclaringType == typeof(TaskGrpcClient) && (!method.IsVirtual || method.IsFinal));
        Assert.Empty(fixedMembers);
    }

    [Fact]
    public async Task A_mock_Answers_calls_lists_and_watches()
    {
        using var client = Substitute.For<TaskGrpcClient>();
        client.CreateAsync(Arg.Any<AgentTask>()).Returns(call => new AgentTask(call.Arg<AgentTask>()) { Id = "1" });
        client.ListAgentTasksAsync().ReturnsForAnyArgs(new ResourceList<AgentTask>([Sample.AgentTask("a"), Sample.AgentTask("b")]));
        var message = new WatchResponse
        {
            Events = { new WatchEvent { Change = new Change { AgentTask = Sample.AgentTask("c") } } },
            ResumeToken = "t"
        };
        client.WatchAsync().ReturnsForAnyArgs(Messages(message));
        client.TransitionAsync("1", AgentTaskStatus.Completed).ThrowsAsyncForAnyArgs(new TaskGrpcException(
            ErrorReason.InvalidTransition,
            "Not from here.",
            new Dictionary<string, string> { ["allowed"] = "AGENT_TASK_STATUS_PLANNING,AGENT_TASK_STATUS_AWAITING_APPROVAL" }));

        Assert.Equal("1", (await client.CreateAsync(Sample.AgentTask())).Id);
        Assert.Equal(["a", "b"], await client.ListAgentTasksAsync().Select(task => task.Title).ToListAsync());
        Assert.Equal("t", (await client.WatchAsync().Events().SingleAsync()).ResumeToken);
        var refusal = await Assert.ThrowsAsync<TaskGrpcException>(() => client.TransitionAsync("1", AgentTaskStatus.Completed));
        Assert.Equal([AgentTaskStatus.Planning, AgentTaskStatus.AwaitingApproval], refusal.AllowedStatuses<AgentTaskStatus>());
        await client.Received(1).CreateAsync(Arg.Is<AgentTask>(task => task.TaskType == "refund"));
    }

    [Fact]
    public async Task What_a_class_of_a_test_does_not_override_Works_on_what_it_does()
    {
        using var client = new OneTask();
        var waiting = client.WaitForAgentTaskAsync("1", AgentTaskStatus.Completed, TimeSpan.FromSeconds(20));
        var changed = await client.UpdateAgentTaskAsync("1", task => task.Title = "new");

        Assert.Equal(("new", 2), (changed.Title, client.Reads));
        Assert.Equal(AgentTaskStatus.Completed, (await waiting).Status);
    }

    [Fact]
    public void A_test_Makes_the_exceptions_of_a_server()
    {
        foreach (var reason in Enum.GetValues<ErrorReason>().Where(reason => reason != ErrorReason.Unspecified))
        {
            var made = new TaskGrpcException(reason, "No.");
            Assert.NotEqual(StatusCode.OK, made.StatusCode);
            Assert.Equal((reason, "No.", "No."), (made.Reason, made.Message, made.Status.Detail));
        }

        Assert.Equal(StatusCode.NotFound, new TaskGrpcException(ErrorReason.ResourceNotFound, "").StatusCode);
        var refusal = new TaskGrpcException(
            ErrorReason.InvalidField, "No.", null, [new("agent_task.title", "Set it.")], TimeSpan.FromSeconds(2), "id");
        Assert.Equal("agent_task.title", Assert.Single(refusal.FieldViolations).Field);
        Assert.Equal((TimeSpan.FromSeconds(2), "id", 0), (refusal.RetryDelay, refusal.RequestId, refusal.Details.Count));
        var lost = new TaskGrpcException(new Status(StatusCode.Unavailable, "It was cut."), "id");
        Assert.Equal((StatusCode.Unavailable, ErrorReason.Unspecified, "id"), (lost.StatusCode, lost.Reason, lost.RequestId));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TaskGrpcException(ErrorReason.Unspecified, ""));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TaskGrpcException((ErrorReason)9999, ""));
    }

    private static async IAsyncEnumerable<WatchResponse> Messages(params WatchResponse[] messages)
    {
        await Task.CompletedTask;
        foreach (var message in messages)
        {
            yield return message;
        }
    }

    /// <summary>A task that another caller changes between the first read and the first update.</summary>
    private sealed class OneTask : TaskGrpcClient
    {
        public int Reads { get; private set; }

        public override Task<AgentTask> GetAgentTaskAsync(string id, CancellationToken cancellationToken = default) =>
            Task.FromResult(new AgentTask { Id = id, Etag = $"{++Reads}" });

        public override Task<AgentTask> UpdateAsync(
            AgentTask task,
            Google.Protobuf.WellKnownTypes.FieldMask? updateMask = null,
            string? requestId = null,
            string? leaseToken = null,
            CancellationToken cancellationToken = default)
        {
            Assert.Equal(["title"], updateMask!.Paths);
            return task.Etag == "2" ? Task.FromResult(task) : throw new TaskGrpcException(ErrorReason.EtagMismatch, "Read again.");
        }

        public override IAsyncEnumerable<WatchResponse> WatchAsync(
            WatchRequest? request = null, TaskGrpcWatchOptions? options = null, CancellationToken cancellationToken = default)
        {
            WatchEvent[] events = [.. ((AgentTaskStatus[])[AgentTaskStatus.Executing, AgentTaskStatus.Completed]).Select(status =>
                new WatchEvent { Change = new Change { AgentTask = new AgentTask { Id = request!.Ids.Single(), Status = status } } })];
            return Messages(
                new WatchResponse { Events = { events[0] }, SnapshotComplete = true }, new WatchResponse { Events = { events[1] } });
        }
    }
}
