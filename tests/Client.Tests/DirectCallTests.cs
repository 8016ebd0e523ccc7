using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>The calls of the contract as methods of the client.</summary>
public sealed class DirectCallTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    private static readonly FileDescriptor[] Contract =
    [
        AgentTaskReflection.Descriptor, BoardTaskReflection.Descriptor, MonitorTaskReflection.Descriptor, DeliveryReflection.Descriptor,
        SigningSecretReflection.Descriptor, FlowExecutionReflection.Descriptor, TaskExecutionReflection.Descriptor,
            WatchReflection.Descriptor,
        StatisticsReflection.Descriptor, WorkReflection.Descriptor,
    ];

    [Fact]
    public void Every_call_of_the_contract_Is_a_method_of_the_client()
    {
        var methods = typeof(TaskGrpcClient).GetMethods();
        var missing =
            from file in Contract
            from service in file.Services
            from call in service.Methods
            let resource = service.Name.Replace("Service", "", StringComparison.Ordinal)
            let short_ = new[] { "BatchCreate", "Create", "Update", "Transition", "Approve", "Reject" }.FirstOrDefault(verb =>
                call.Name == verb + resource || call.Name == verb + resource + "s")
            where !methods.Any(method => method.IsVirtual && (short_ is null || call.Name == "CreateSigningSecret"
                ? method.Name == call.Name + "Async"
                : method.Name == short_ + "Async" && method.ReturnType.ToString().Contains(resource, StringComparison.Ordinal)))
            select call.FullName;
        Assert.Empty(missing);
    }

    [Fact]
    public async Task An_agent_task_Goes_through_its_life()
    {
        using var client = server.NewClient();
        var requestId = Guid.NewGuid().ToString();
        var preview = await client.CreateAsync(Sample.AgentTask(), validateOnly: true);
        Assert.Empty(preview.Id);
        var task = await client.CreateAsync(Sample.AgentTask(), requestId);
        Assert.Equal(task, await client.CreateAsync(Sample.AgentTask(), requestId));

        task.Title = "Refund order 7";
        task.Description = "not in the mask";
        task = await client.UpdateAsync(task, "title");
        Assert.Equal(("Refund order 7", false), (task.Title, task.HasDescription));
        task = await client.UpdateAsync(new AgentTask { Id = task.Id, Description = "without a mask" });
        Assert.Equal(("Refund order 7", "without a mask"), (task.Title, task.Description));
        var cleared = new FieldMask { Paths = { "description" } };
        Assert.False((await client.UpdateAsync(new AgentTask { Id = task.Id }, cleared)).HasDescription);

        task = await client.TransitionAsync(task.Id, AgentTaskStatus.Planning, "because");
        var change = (await client.ListChangesAsync(new() { Ids = { task.Id } }).ToListAsync())[^1].Change;
        Assert.Equal("because", change.Reason);
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => client.TransitionAsync(task.Id, AgentTaskStatus.Queued, etag: "other"));
        task = await client.TransitionAsync(task.Id, AgentTaskStatus.AwaitingApproval, etag: task.Etag);
        task = await client.RejectAsync(task, "not yet", AgentTaskStatus.Queued);
        Assert.Equal(("not yet", AgentTaskStatus.Queued), (task.Approval.Comment, task.Status));
        task = await client.TransitionAsync(task.Id, AgentTaskStatus.Planning);
        task = await client.TransitionAsync(task.Id, AgentTaskStatus.AwaitingApproval);
        task = await client.ApproveAsync(task, "fine");
        Assert.Equal(("fine", AgentTaskStatus.Executing), (task.Approval.Comment, task.Status));
        task = await client.TransitionAsync(task.Id, AgentTaskStatus.Failed, error: "out of money");
        Assert.Equal("out of money", task.LastError);

        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => client.DeleteAsync(new AgentTask { Id = task.Id, Etag = "other" }));
        Assert.NotNull((await client.DeleteAsync(task)).DeletedAt);
        Assert.NotNull((await client.GetAgentTaskAsync(task.Id)).DeletedAt);
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => client.DeleteAgentTaskAsync(task.Id));
    }

    [Fact]
    public async Task Batches_Keep_their_order()
    {
        using var client = server.NewClient();
        var agents = await client.BatchCreateAsync([Sample.AgentTask("1"), Sample.AgentTask("2")]);
        Assert.Equal(["1", "2"], agents.Select(task => task.Title));
        Assert.Equal(["2", "1"], (await client.BatchGetAgentTasksAsync([agents[1].Id, agents[0].Id])).Select(task => task.Title));
        Assert.All(await client.BatchCreateAsync([Sample.AgentTask()], validateOnly: true), task => Assert.Empty(task.Id));

        var flow = await client.CreateAsync(Sample.FlowExecution());
        Assert.Equal(flow, Assert.Single(await client.BatchGetFlowExecutionsAsync([flow.Id])));
        var executions = await client.BatchCreateAsync([Sample.TaskExecution(flow, "a"), Sample.TaskExecution(flow, "b")]);
        var read = await client.BatchGetTaskExecutionsAsync(executions.Select(execution => execution.Id).Reverse());
        Assert.Equal(["b", "a"], read.Select(execution => execution.TaskName));
    }

    [Fact]
    public async Task A_board_task_Has_subtasks_and_blockers_and_moves()
    {
        using var client = server.NewClient();
        var tasks = await client.BatchCreateAsync([Sample.BoardTask("parent"), Sample.BoardTask("child")]);
        var (parent, child) = (tasks[0], tasks[1]);
        Assert.Equal(1, (await client.AddSubtaskAsync(parent.Id, child.Id, parent.Etag)).SubtaskCount);
        await Refusal.OfAsync(ErrorReason.SubtaskExists, () => client.AddSubtaskAsync(parent.Id, child.Id));
        Assert.Equal(child.Id, (await client.ListSubtasksAsync(new() { ParentId = parent.Id }).SingleAsync()).Id);
        parent = await client.RemoveSubtaskAsync(parent.Id, child.Id);
        Assert.Equal(0, parent.SubtaskCount);
        Assert.Equal(1, (await client.AddBlockerAsync(parent.Id, child.Id, parent.Etag)).OpenBlockers);
        await Refusal.OfAsync(ErrorReason.BlockerExists, () => client.AddBlockerAsync(parent.Id, child.Id));
        Assert.Equal(child.Id, (await client.ListBlockersAsync(new() { Id = parent.Id }).SingleAsync()).Id);
        Assert.Equal(parent.Id, (await client.ListBlockedAsync(new() { Id = child.Id }).SingleAsync()).Id);
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => client.RemoveBlockerAsync(parent.Id, child.Id, parent.Etag));
        parent = await client.RemoveBlockerAsync(parent.Id, child.Id);
        Assert.Equal(0, parent.OpenBlockers);

        parent.AssignedToUserId = "anna";
        parent = await client.UpdateAsync(parent, ["assigned_to_user_id"]);
        parent = await client.TransitionAsync(parent.Id, BoardTaskStatus.Assigned, "hers", parent.Etag);
        Assert.Equal(parent, await client.GetBoardTaskAsync(parent.Id));
        Assert.Equal([parent, child], await client.BatchGetBoardTasksAsync([parent.Id, child.Id]));
        Assert.NotNull((await client.DeleteAsync(child)).DeletedAt);
        Assert.NotNull((await client.DeleteBoardTaskAsync(parent.Id, parent.Etag)).DeletedAt);
    }

    [Fact]
    public async Task A_monitor_task_Triggers_a_delivery()
    {
        using var client = server.NewClient();
        Assert.Equal(MonitorTaskStatus.Preview, (await client.CreateAsync(Sample.MonitorTask(), validateOnly: true)).Status);
        var task = await client.CreateAsync(Sample.MonitorTask());
        task.ContextVersion = "4";
        task = await client.UpdateAsync(task, "context_version");
        Assert.Equal("4", task.ContextVersion);

        var context = new Struct { Fields = { ["margin"] = Value.ForNumber(9.5) } };
        var delivery = await client.TriggerMonitorTaskAsync(task.TaskId, "key", "order 7", context);
        Assert.Equal("order 7", delivery.Payload.Fields["subject"].StringValue);
        Assert.Equal(context, delivery.Payload.Fields["data"].StructValue.Fields["context"].StructValue);
        Assert.Equal(delivery.Id, (await client.TriggerMonitorTaskAsync(task.TaskId, "key")).Id);
        Assert.Equal(DeliveryStatus.Delivered, (await client.WaitForDeliveryAsync(delivery.Id, DeliveryStatus.Delivered)).Status);
        Assert.Equal(DeliveryStatus.Pending, (await client.RedeliverDeliveryAsync(delivery.Id)).Status);
        Assert.Equal(delivery.Id, (await client.GetDeliveryAsync(delivery.Id)).Id);
        Assert.Equal(delivery.Id, Assert.Single(await client.BatchGetDeliveriesAsync([delivery.Id])).Id);

        task = await client.PauseMonitorTaskAsync(task.TaskId, "a holiday");
        await Refusal.OfAsync(ErrorReason.MonitorTaskPaused, () => client.TriggerMonitorTaskAsync(task.TaskId, "another"));
        task = await client.ResumeMonitorTaskAsync(task.TaskId, etag: (await client.GetMonitorTaskAsync(task.TaskId)).Etag);
        Assert.Equal(task, Assert.Single(await client.BatchGetMonitorTasksAsync([task.TaskId])));
        Assert.Equal(MonitorTaskStatus.Deleted, (await client.DeleteAsync(task)).Status);
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => client.DeleteMonitorTaskAsync(task.TaskId));
    }

    [Fact]
    public async Task A_delivery_that_cannot_be_sent_now_Is_canceled()
    {
        using var client = server.NewClient();
        var task = await client.CreateAsync(Sample.MonitorTask(Sample.Webhook(new Uri("https://example.invalid/"))));
        var delivery = await client.TriggerMonitorTaskAsync(task.TaskId, "key");
        delivery = await client.WaitForDeliveryAsync(delivery.Id, DeliveryStatus.Retrying, TimeSpan.FromSeconds(30));
        Assert.Equal(DeliveryStatus.Canceled, (await client.CancelDeliveryAsync(delivery.Id, delivery.Etag)).Status);
    }

    [Fact]
    public async Task A_flow_and_its_executions_Move()
    {
        using var client = server.NewClient();
        var flow = await client.CreateAsync(Sample.FlowExecution());
        flow = await client.TransitionAsync(flow.Id, FlowExecutionStatus.Running, "go", flow.Etag);
        Assert.Equal(flow, await client.GetFlowExecutionAsync(flow.Id));

        var execution = await client.CreateAsync(Sample.TaskExecution(flow));
        await client.TransitionAsync(execution.Id, TaskExecutionStatus.Running);
        execution = await client.TransitionAsync(execution.Id, TaskExecutionStatus.Failed, error: new ExecutionError { Message = "no" });
        Assert.Equal("no", execution.Error.Message);
        var again = await client.RetryTaskExecutionAsync(execution.Id, execution.Etag);
        await client.TransitionAsync(again.Id, TaskExecutionStatus.Running);
        again = await client.TransitionAsync(again.Id, TaskExecutionStatus.Completed, output: Value.ForString("done"));
        Assert.Equal("done", again.Output.StringValue);

        Assert.Equal(again, await client.GetTaskExecutionByKeyAsync(flow.Id, execution.TaskName));
        Assert.Equal(execution, await client.GetTaskExecutionByKeyAsync(flow.Id, execution.TaskName, 0));
        Assert.Equal(TaskExecutionStatus.Deleted, (await client.DeleteAsync(again)).Status);
        Assert.Equal(TaskExecutionStatus.Deleted, (await client.DeleteTaskExecutionAsync(execution.Id)).Status);
        Assert.Equal(TaskExecutionStatus.Deleted, (await client.GetTaskExecutionAsync(execution.Id)).Status);
    }

    [Fact]
    public async Task Signing_secrets_Are_made_and_expired()
    {
        using var client = server.NewClient();
        var secret = await client.CreateSigningSecretAsync();
        Assert.NotEmpty(secret.Secret);
        Assert.NotNull((await client.ExpireSigningSecretAsync(secret.Id)).ExpiredAt);
        Assert.Equal(secret.Id, Assert.Single(await client.ListSigningSecretsAsync()).Id);
    }

    [Fact]
    public async Task Null_and_a_cancelled_token_Are_refused_before_the_call()
    {
        using var client = server.NewClient();
        Assert.Equal("task", (await Assert.ThrowsAsync<ArgumentNullException>(() => client.CreateAsync((AgentTask)null!))).ParamName);
        Assert.Equal("id", (await Assert.ThrowsAsync<ArgumentNullException>(() => client.GetAgentTaskAsync(null!))).ParamName);
        Assert.Equal("change", (await Assert.ThrowsAsync<ArgumentNullException>(() => client.UpdateAgentTaskAsync("", null!))).ParamName);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.CreateAsync(Sample.AgentTask(), cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_refused_move_Says_which_statuses_are_allowed()
    {
        using var client = server.NewClient();
        var task = await client.CreateAsync(Sample.AgentTask());
        var refusal = await Refusal.OfAsync(
            ErrorReason.InvalidTransition, () => client.TransitionAsync(task.Id, AgentTaskStatus.Completed));
        Assert.Equal(
            [AgentTaskStatus.Planning, AgentTaskStatus.Blocked, AgentTaskStatus.Failed, AgentTaskStatus.Canceled],
            refusal.AllowedStatuses<AgentTaskStatus>());
        Assert.Empty(refusal.AllowedStatuses<BoardTaskStatus>());

        await client.TransitionAsync(task.Id, AgentTaskStatus.Canceled);
        refusal = await Refusal.OfAsync(ErrorReason.InvalidTransition, () => client.TransitionAsync(task.Id, AgentTaskStatus.Queued));
        Assert.Empty(refusal.AllowedStatuses<AgentTaskStatus>());
        refusal = await Refusal.OfAsync(ErrorReason.InvalidField, () => client.GetAgentTaskAsync("x"));
        Assert.Empty(refusal.AllowedStatuses<AgentTaskStatus>());
    }
}
