using CsCheck;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.TaskExecutionStatus;

namespace TaskGrpc.Conformance.Tests.TaskExecutions;

public abstract class TaskExecutionTests(ServerFixture fixture)
{
    private static readonly TaskExecutionStatus[] Statuses = [Queued, Running, Completed, Failed, Canceled, Stale];

    private static readonly Dictionary<TaskExecutionStatus, TaskExecutionStatus[]> Table = new()
    {
        [Queued] = [Running, Canceled],
        [Running] = [Completed, Failed, Canceled],
        [Completed] = [Stale],
        [Failed] = [Stale],
        [Canceled] = [],
        [Stale] = [],
    };

    public static TheoryData<TaskExecutionStatus> From => [.. Statuses];

    [Theory]
    [MemberData(nameof(From))]
    public async Task Transition_to_every_status_Moves_or_refuses_as_the_table_says(TaskExecutionStatus from)
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        foreach (var to in Statuses)
        {
            var execution = await ReachAsync(client, flow, from);
            if (Table[from].Contains(to))
            {
                Assert.Equal(to, (await client.TransitionAsync(execution, to)).Status);
                continue;
            }

            var refusal = await Refusal.OfAsync(ErrorReason.InvalidTransition, () => client.TransitionAsync(execution, to));
            Assert.Equal(Table[from].Select(Name), refusal.Details["allowed"].Split(',', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal(execution, await client.TaskExecutions.GetTaskExecutionAsync(new() { Id = execution.Id }));
        }

        var bad = await ReachAsync(client, flow, from);
        await Refusal.OfFieldsAsync(() => client.TransitionAsync(bad, Deleted), "status");
        await Refusal.OfFieldsAsync(() => client.TransitionAsync(bad, (TaskExecutionStatus)42), "status");
        var deleted = await client.TaskExecutions.DeleteTaskExecutionAsync(new() { Id = bad.Id });
        Assert.Equal(
            (Deleted, bad.Output, bad.Error, bad.FinishedAt), (deleted.Status, deleted.Output, deleted.Error, deleted.FinishedAt));
    }

    [Fact]
    public async Task Random_histories_Keep_what_the_lifecycle_promises()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        await Gen.Int[0, Statuses.Length - 1].Array[1, 8].SampleAsync(
            async moves =>
            {
                var execution = await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow));
                foreach (var to in moves.Select(move => Statuses[move]))
                {
                    if (!Table[execution.Status].Contains(to))
                    {
                        await Refusal.OfAsync(ErrorReason.InvalidTransition, () => client.TransitionAsync(execution, to));
                        continue;
                    }

                    var before = execution;
                    execution = await client.TransitionAsync(execution, to);
                    Assert.Equal(to is Failed || (to is Stale && before.Status is Failed), execution.Error is not null);
                    Assert.Equal(to is not Running, execution.FinishedAt is not null);
                    Assert.Equal(before.StartedAt ?? (to == Running ? execution.UpdatedAt : null), execution.StartedAt);
                }
            },
            iter: 60,
            threads: 1);
    }

    [Fact]
    public async Task Create_Takes_the_next_index_and_never_one_that_was_used()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        var first = await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow));
        Assert.Equal((0, Queued, flow.OrganizationId, "anna"),
            (first.TaskExecutionIndex, first.Status, first.OrganizationId, first.LastModifiedBy));
        Assert.Equal(1, (await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow))).TaskExecutionIndex);
        Assert.Equal(0, (await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "Fetch"))).TaskExecutionIndex);
        var seventh = Sample.TaskExecution(flow);
        seventh.TaskExecutionIndex = 7;
        var created = await client.CreateTaskExecutionAsync(seventh);
        await client.TaskExecutions.DeleteTaskExecutionAsync(new() { Id = created.Id });

        // The key stays in use; the next index comes after it.
        var refusal = await Refusal.OfAsync(ErrorReason.TaskExecutionExists, () => client.CreateTaskExecutionAsync(seventh));
        Assert.Equal(created.Id, refusal.Details["existing_id"]);
        Assert.Equal(8, (await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow))).TaskExecutionIndex);
        seventh.TaskExecutionIndex = 5;
        Assert.Equal(5, (await client.CreateTaskExecutionAsync(seventh)).TaskExecutionIndex);
        seventh.TaskExecutionIndex = -1;
        await Refusal.OfFieldsAsync(() => client.CreateTaskExecutionAsync(seventh), "task_execution.task_execution_index");
        seventh.TaskExecutionIndex = int.MaxValue;
        await client.CreateTaskExecutionAsync(seventh);
        await Refusal.OfFieldsAsync(
            () => client.CreateTaskExecutionAsync(Sample.TaskExecution(flow)), "task_execution.task_execution_index");
    }

    [Fact]
    public async Task Concurrent_creations_Share_out_the_indexes()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        var created = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.CreateTaskExecutionAsync(Sample.TaskExecution(flow))));
        Assert.Equal(Enumerable.Range(0, 50), created.Select(execution => execution.TaskExecutionIndex).Order());
    }

    [Fact]
    public async Task BatchCreate_Creates_all_in_one_revision_or_none()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        var created = await client.TaskExecutions.BatchCreateTaskExecutionsAsync(
            new() { TaskExecutions = { Enumerable.Repeat(Sample.TaskExecution(flow), 3) } });
        Assert.Equal([0, 1, 2], created.TaskExecutions.Select(execution => execution.TaskExecutionIndex));
        Assert.Equal(2, (await client.TaskExecutions.ListTaskExecutionsAsync(new())).Revision);

        var twice = Sample.TaskExecution(flow);
        twice.TaskExecutionIndex = 9;
        await Refusal.OfFieldsAsync(() =>
            client.TaskExecutions.BatchCreateTaskExecutionsAsync(new() { TaskExecutions = { twice, twice } }).ResponseAsync,
            "task_executions[1].task_execution_index");
        await Refusal.OfFieldsAsync(
            () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(
                new() { TaskExecutions = { Sample.TaskExecution(flow), new TaskExecution { Status = Failed } } }).ResponseAsync,
            "task_executions[1].flow_execution_id", "task_executions[1].task_name", "task_executions[1].error");
        var low = Sample.TaskExecution(flow);
        low.TaskExecutionIndex = int.MaxValue;
        await Refusal.OfFieldsAsync(
            () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(
                new() { TaskExecutions = { low, low, Sample.TaskExecution(flow) } }).ResponseAsync,
            "task_executions[1].task_execution_index", "task_executions[2].task_execution_index");
        var done = await client.TaskExecutions.CreateTaskExecutionAsync(
            new() { TaskExecution = new() { FlowExecutionId = flow.Id, TaskName = "x", Status = Completed }, ValidateOnly = true });
        Assert.Equal((null, null, null), (done.CreatedAt, done.StartedAt, done.FinishedAt));
        var preview = await client.TaskExecutions.BatchCreateTaskExecutionsAsync(
            new() { TaskExecutions = { Sample.TaskExecution(flow) }, ValidateOnly = true });
        Assert.Equal(("", 3), (preview.TaskExecutions.Single().Id, preview.TaskExecutions.Single().TaskExecutionIndex));
        Assert.Equal(3, await client.ListTaskExecutionsAsync().CountAsync());
    }

    [Theory]
    [InlineData(Running, false, false, "")]
    [InlineData(Completed, true, false, "")]
    [InlineData(Completed, false, false, "")]
    [InlineData(Failed, false, true, "")]
    [InlineData(Canceled, false, false, "")]
    [InlineData(Failed, false, false, "error")]
    [InlineData(Failed, true, true, "output")]
    [InlineData(Queued, true, false, "output")]
    [InlineData(Completed, true, true, "error")]
    [InlineData(Stale, false, false, "status")]
    [InlineData(Deleted, false, false, "status")]
    public async Task A_record_of_what_already_ran_Has_the_outcome_that_goes_with_its_status(
        TaskExecutionStatus status, bool output, bool error, string violation)
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        var execution = new TaskExecution
        {
            FlowExecutionId = flow.Id,
            TaskName = "fetch",
            Status = status,
            Output = output ? Value.ForNumber(1) : null,
            Error = error ? new ExecutionError { Message = "no" } : null,
        };
        if (violation.Length > 0)
        {
            await Refusal.OfFieldsAsync(() => client.CreateTaskExecutionAsync(execution), $"task_execution.{violation}");
            return;
        }

        var created = await client.CreateTaskExecutionAsync(execution);
        Assert.Equal((status, execution.Output, execution.Error), (created.Status, created.Output, created.Error));
        Assert.Equal((status == Running ? created.CreatedAt : null, status == Running ? null : created.CreatedAt),
            (created.StartedAt, created.FinishedAt));
    }

    [Fact]
    public async Task Retry_Makes_the_next_attempt_with_the_same_input()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        var sample = Sample.TaskExecution(flow);
        sample.Input = Value.ForStruct(new Struct { Fields = { ["url"] = Value.ForString("x") } });
        var execution = await client.TransitionAsync(await client.CreateTaskExecutionAsync(sample), Running);
        var refusal = await Refusal.OfAsync(
            ErrorReason.InvalidTransition, () => client.TaskExecutions.RetryTaskExecutionAsync(new() { Id = execution.Id }).ResponseAsync);
        Assert.Equal("TASK_EXECUTION_STATUS_RUNNING", refusal.Details["from"]);
        var failed = await client.TransitionAsync(execution, Failed);
        await Refusal.OfAsync(ErrorReason.EtagMismatch,
            () => client.TaskExecutions.RetryTaskExecutionAsync(new() { Id = execution.Id, Etag = execution.Etag }).ResponseAsync);

        var next = await client.TaskExecutions.RetryTaskExecutionAsync(new() { Id = execution.Id, Etag = failed.Etag });

        Assert.Equal((1, Queued, sample.Input, null), (next.TaskExecutionIndex, next.Status, next.Input, next.Error));
        Assert.NotEqual(execution.Id, next.Id);
        Assert.Equal(failed, await client.TaskExecutions.GetTaskExecutionAsync(new() { Id = execution.Id }));
        var stale = await client.TransitionAsync(await client.TransitionAsync(await client.TransitionAsync(next, Running), Failed), Stale);
        Assert.Equal((failed.Error, 2),
            (stale.Error, (await client.TaskExecutions.RetryTaskExecutionAsync(new() { Id = stale.Id })).TaskExecutionIndex));
    }

    [Theory]
    [InlineData(FlowExecutionStatus.Completed)]
    [InlineData(FlowExecutionStatus.Failed)]
    [InlineData(FlowExecutionStatus.Canceled)]
    public async Task A_finished_flow_Takes_no_more_executions(FlowExecutionStatus end)
    {
        using var client = fixture.NewClient();
        var flow = await client.TransitionAsync(await client.CreateFlowExecutionAsync(), FlowExecutionStatus.Running);
        var queued = await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow));
        var failed = await client.CreateTaskExecutionAsync(
            new() { FlowExecutionId = flow.Id, TaskName = "x", Status = Failed, Error = new() { Message = "no" } });
        await client.TransitionAsync(flow, end);

        await Refusal.OfAsync(ErrorReason.FlowExecutionFinished, () => client.CreateTaskExecutionAsync(Sample.TaskExecution(flow)));
        await Refusal.OfAsync(ErrorReason.FlowExecutionFinished,
            () => client.TaskExecutions.RetryTaskExecutionAsync(new() { Id = failed.Id }).ResponseAsync);
        if (end != FlowExecutionStatus.Canceled)
        {
            await Refusal.OfAsync(ErrorReason.FlowExecutionFinished, () => client.TransitionAsync(queued, Running));
            // `allowed` takes the guards into account.
            Assert.Equal("TASK_EXECUTION_STATUS_CANCELED",
                (await Refusal.OfAsync(ErrorReason.InvalidTransition, () => client.TransitionAsync(queued, Completed))).Details[
                    "allowed"]);
            await client.TransitionAsync(queued, Canceled);
        }

        Assert.Equal(Stale, (await client.TransitionAsync(failed, Stale)).Status);
        if (end == FlowExecutionStatus.Failed)
        {
            await client.TransitionAsync(flow, FlowExecutionStatus.Running);
            await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow));
        }
    }

    [Fact]
    public async Task Names_Are_those_of_the_flow_compared_by_case()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync("tasks:\n- name: fetch\n");
        await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow));
        await Refusal.OfFieldsAsync(
            () => client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "Fetch")), "task_execution.task_name");
        var missing =
            new TaskExecution { FlowExecutionId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString(), TaskName = "fetch" };
        Assert.Contains("FlowExecution",
            (await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => client.CreateTaskExecutionAsync(missing))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetByKey_Finds_one_attempt_or_the_latest_that_lives()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync();
        var executions = new List<TaskExecution>();
        for (var i = 0; i < 3; i++)
        {
            executions.Add(await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow)));
        }

        GetTaskExecutionByKeyRequest Key(int? index = null, string name = "fetch")
        {
            var request = new GetTaskExecutionByKeyRequest { FlowExecutionId = flow.Id, TaskName = name };
            if (index is { } number)
            {
                request.TaskExecutionIndex = number;
            }

            return request;
        }

        Assert.Equal(executions[2], await client.TaskExecutions.GetTaskExecutionByKeyAsync(Key()));
        Assert.Equal(executions[0], await client.TaskExecutions.GetTaskExecutionByKeyAsync(Key(0)));
        await client.TaskExecutions.DeleteTaskExecutionAsync(new() { Id = executions[2].Id });
        Assert.Equal(executions[1], await client.TaskExecutions.GetTaskExecutionByKeyAsync(Key()));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => client.TaskExecutions.GetTaskExecutionByKeyAsync(Key(2)).ResponseAsync);
        await Refusal.OfAsync(
            ErrorReason.ResourceNotFound, () => client.TaskExecutions.GetTaskExecutionByKeyAsync(Key(name: "FETCH")).ResponseAsync);
        using var otherClient = fixture.NewClient();
        await Refusal.OfAsync(
            ErrorReason.ResourceNotFound, () => otherClient.TaskExecutions.GetTaskExecutionByKeyAsync(Key()).ResponseAsync);
        Assert.Equal(2,
            await client.ListTaskExecutionsAsync(new() { Filter = $"flow_execution_id = \"{flow.Id}\" AND task_execution_index <= 2" })
            .CountAsync());
        Assert.Equal(3,
            await client.ListTaskExecutionsAsync(new() { Filter = $"flow_execution_id = \"{flow.Id}\"", ShowDeleted = true })
            .CountAsync());
    }

    [Theory]
    [InlineData("user", "anna", "anna")]
    [InlineData("agent", "planner-7", "planner-7")]
    [InlineData("service", "cron", "system")]
    public async Task LastModifiedBy_Names_people_and_agents(string type, string actor, string expected)
    {
        using var client = fixture.Server.Client(fixture.NewOrganization(), actor, type);
        var flow = await client.CreateFlowExecutionAsync();
        var execution = await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow));
        Assert.Equal((expected, expected), (execution.LastModifiedBy, (await client.TransitionAsync(execution, Running)).LastModifiedBy));
    }

    private static async Task<TaskExecution> ReachAsync(TaskGrpcClient client, FlowExecution flow, TaskExecutionStatus status)
    {
        var execution = await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow));
        TaskExecutionStatus[] way = status switch
        {
            Queued => [],
            Running => [Running],
            Stale => [Running, Completed, Stale],
            Canceled => [Canceled],
            _ => [Running, status],
        };
        foreach (var next in way)
        {
            execution = await client.TransitionAsync(execution, next);
        }

        return execution;
    }

    private static string Name(TaskExecutionStatus status) => $"TASK_EXECUTION_STATUS_{status.ToString().ToUpperInvariant()}";
}
