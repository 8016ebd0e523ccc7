using CsCheck;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.TaskExecutionStatus;

namespace TaskGrpc.Conformance.Tests.TaskExecutions;

/// <summary>
/// A request with several errors: the invalid fields of all items come first, then the errors that depend on stored state, in the order of
/// the items.
/// </summary>
public abstract class BatchPrecedenceTests(ServerFixture fixture)
{
    private static readonly string[] NamesUsed = ["a", "a", "c", " b"];
    private static readonly int[] IndexesUsed = [-1, -1, 0, 9];

    private static readonly Gen<(int Flow, string Name, int Index, bool IsBad)[]> Batches =
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3].Select(i => NamesUsed[i]), Gen.Int[0, 3].Select(i => IndexesUsed[i]),
            Gen.Int[0, 7].Select(roll => roll == 0)).Array[1, 5];

    [Fact]
    public async Task Random_batches_Are_refused_for_what_the_contract_puts_first()
    {
        using var client = fixture.NewClient();
        var (open, named, finished, missing) = await FlowsAsync(client);
        string[] flows = [open.Id, named.Id, finished.Id, missing];
        await Batches.SampleAsync(
            async batch =>
            {
                var executions = batch.Select(item => Execution(flows[item.Flow], item.Name, item.Index, item.IsBad)).ToArray();
                var (violations, refusal) = Expected(executions, open.Id, named.Id, finished.Id);
                var request = new BatchCreateTaskExecutionsRequest { TaskExecutions = { executions }, ValidateOnly = true };
                if (violations.Length > 0)
                {
                    await Refusal.OfFieldsAsync(
                        () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(request).ResponseAsync, violations);
                }
                else if (refusal is { } reason)
                {
                    await Refusal.OfAsync(reason, () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(request).ResponseAsync);
                }
                else
                {
                    await client.TaskExecutions.BatchCreateTaskExecutionsAsync(request);
                }
            },
            iter: 200,
            threads: 1);
    }

    [Fact]
    public async Task A_refused_batch_Stores_nothing_and_burns_no_request_id()
    {
        using var client = fixture.NewClient();
        var (_, named, finished, _) = await FlowsAsync(client);
        var head = (await client.TaskExecutions.ListTaskExecutionsAsync(new())).Revision;
        var request = new BatchCreateTaskExecutionsRequest
        {
            RequestId = Guid.NewGuid().ToString(),
            TaskExecutions = { Execution(finished.Id, "a"), Execution(named.Id, "unknown") }
        };
        await Refusal.OfFieldsAsync(
            () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(request).ResponseAsync, "task_executions[1].task_name");
        request.TaskExecutions[1].TaskName = "a";
        await Refusal.OfAsync(
            ErrorReason.FlowExecutionFinished, () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(request).ResponseAsync);
        Assert.Equal(head, (await client.TaskExecutions.ListTaskExecutionsAsync(new())).Revision);

        request.TaskExecutions.RemoveAt(0);
        Assert.Single((await client.TaskExecutions.BatchCreateTaskExecutionsAsync(request)).TaskExecutions);
    }

    [Fact]
    public async Task Malformed_fields_Are_reported_together_with_the_flows_violations()
    {
        using var client = fixture.NewClient();
        var (_, named, _, missing) = await FlowsAsync(client);
        var request = new BatchCreateTaskExecutionsRequest
        {
            RequestId = "no uuid",
            TaskExecutions = { new TaskExecution(), Execution("no id", "a"), Execution(named.Id, "unknown"),
                Execution(missing, "a", index: -7), Execution(missing, "a", 3), Execution(missing, "a", 3) },
        };
        await Refusal.OfFieldsAsync(
            () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(request).ResponseAsync,
            "request_id", "task_executions[0].flow_execution_id", "task_executions[0].task_name", "task_executions[1].flow_execution_id",
                "task_executions[2].task_name",
            "task_executions[3].task_execution_index", "task_executions[5].task_execution_index");
        var single = Execution(named.Id, "unknown", isBad: true);
        await Refusal.OfFieldsAsync(() => client.CreateTaskExecutionAsync(single), "task_execution.task_name", "task_execution.error");
        var many = new BatchCreateTaskExecutionsRequest { TaskExecutions = { Enumerable.Repeat(single, 1001) } };
        await Refusal.OfFieldsAsync(() => client.TaskExecutions.BatchCreateTaskExecutionsAsync(many).ResponseAsync, "task_executions");
    }

    [Fact]
    public async Task Inputs_that_become_too_large_Come_before_errors_of_the_stored_state()
    {
        using var client = fixture.NewClient();
        var flow = await client.CreateFlowExecutionAsync(
            "tasks:\n- name: a\n- name: twice\n  input: ['{{a.output}}', '{{a.output}}']\n- name: lost\n  input: '{{twice.output}}'\n");
        await client.CreateTaskExecutionAsync(
            new() { FlowExecutionId = flow.Id, TaskName = "a", Status = Completed, Output = Value.ForString(new string('x', 600_000)) });
        var batch = new BatchCreateTaskExecutionsRequest
        {
            TaskExecutions = { Execution(flow.Id, "lost"), Execution(flow.Id, "a", 0), Execution(flow.Id, "twice") }
        };

        await Refusal.OfFieldsAsync(
            () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(batch).ResponseAsync, "task_executions[2].input");
        batch.TaskExecutions.RemoveAt(2);
        await Refusal.OfAsync(
            ErrorReason.UpstreamOutputMissing, () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(batch).ResponseAsync);
        batch.TaskExecutions.RemoveAt(0);
        await Refusal.OfAsync(
            ErrorReason.TaskExecutionExists, () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(batch).ResponseAsync);
    }

    /// <summary>
    /// A flow that accepts any name, one that accepts only 'a', a finished one, and an unknown id. The first and third have (a, 0).
    /// </summary>
    private static async Task<(FlowExecution Open, FlowExecution Named, FlowExecution Finished, string Missing)> FlowsAsync(
        TaskGrpcClient client)
    {
        var open = await client.CreateFlowExecutionAsync();
        var named = await client.CreateFlowExecutionAsync("tasks:\n- name: a\n");
        var finished = await client.CreateFlowExecutionAsync();
        await client.CreateTaskExecutionAsync(Execution(open.Id, "a", 0));
        await client.CreateTaskExecutionAsync(Execution(finished.Id, "a", 0));
        await client.TransitionAsync(finished, FlowExecutionStatus.Failed);
        return (open, named, finished, Guid.NewGuid().ToString());
    }

    private static TaskExecution Execution(string flow, string name, int index = -1, bool isBad = false)
    {
        // FAILED without an error is invalid for every flow.
        var execution = new TaskExecution { FlowExecutionId = flow, TaskName = name, Status = isBad ? Failed : Queued };
        if (index != -1)
        {
            execution.TaskExecutionIndex = index;
        }

        return execution;
    }

    private static (string[] Violations, ErrorReason? Refusal) Expected(
        TaskExecution[] executions, string open, string named, string finished)
    {
        var violations = new List<string>();
        ErrorReason? refusal = null;
        var highest = new Dictionary<(string, string), int>();
        var taken = new HashSet<(string, string, int)>();
        for (var i = 0; i < executions.Length; i++)
        {
            var (execution, key) = (executions[i], (executions[i].FlowExecutionId, executions[i].TaskName));
            var isSeeded = key.TaskName == "a" && (key.FlowExecutionId == open || key.FlowExecutionId == finished);
            if (key.TaskName == " b" || (key.FlowExecutionId == named && key.TaskName != "a"))
            {
                violations.Add($"task_executions[{i}].task_name");
            }

            if (execution.Status == Failed)
            {
                violations.Add($"task_executions[{i}].error");
            }

            var last = highest.GetValueOrDefault(key, isSeeded ? 0 : -1);
            var index = execution.HasTaskExecutionIndex ? execution.TaskExecutionIndex : last + 1;
            highest[key] = Math.Max(last, index);
            if (!taken.Add((key.FlowExecutionId, key.TaskName, index)))
            {
                violations.Add($"task_executions[{i}].task_execution_index");
            }

            refusal ??= key.FlowExecutionId == finished ? ErrorReason.FlowExecutionFinished
                : key.FlowExecutionId != open && key.FlowExecutionId != named ? ErrorReason.ResourceNotFound
                : isSeeded && index == 0 ? ErrorReason.TaskExecutionExists
                : null;
        }

        return ([.. violations], refusal);
    }
}
