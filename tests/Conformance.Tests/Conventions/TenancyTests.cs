using TaskGrpc.Client;
using TaskGrpc.Server.Calls;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>Every call answers for another organization's resources exactly as for missing ones.</summary>
public abstract class TenancyTests(ServerFixture fixture)
{
    private static readonly Dictionary<string, Func<TaskGrpcClient, string, string, Task>> Calls = new()
    {
        ["GetAgentTask"] = (client, id, _) => client.AgentTasks.GetAgentTaskAsync(new() { Id = id }).ResponseAsync,
        ["BatchGetAgentTasks"] = (client, id, _) => client.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { id } }).ResponseAsync,
        ["UpdateAgentTask"] = (client, id, _) =>
            client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = new() { Id = id, Title = "x" } }).ResponseAsync,
        ["DeleteAgentTask"] = (client, id, _) => client.AgentTasks.DeleteAgentTaskAsync(new() { Id = id }).ResponseAsync,
        ["TransitionAgentTask"] = (client, id, _) =>
            client.AgentTasks.TransitionAgentTaskAsync(new() { Id = id, Status = AgentTaskStatus.Planning }).ResponseAsync,
        ["ApproveAgentTask"] = (client, id, _) => client.AgentTasks.ApproveAgentTaskAsync(new() { Id = id, Etag = "x" }).ResponseAsync,
        ["RejectAgentTask"] = (client, id, _) => client.AgentTasks.RejectAgentTaskAsync(new() { Id = id, Etag = "x" }).ResponseAsync,
        ["GetBoardTask"] = (client, _, id) => client.BoardTasks.GetBoardTaskAsync(new() { Id = id }).ResponseAsync,
        ["BatchGetBoardTasks"] = (client, _, id) => client.BoardTasks.BatchGetBoardTasksAsync(new() { Ids = { id } }).ResponseAsync,
        ["UpdateBoardTask"] = (client, _, id) =>
            client.BoardTasks.UpdateBoardTaskAsync(new() { BoardTask = new() { Id = id, Title = "x" } }).ResponseAsync,
        ["DeleteBoardTask"] = (client, _, id) => client.BoardTasks.DeleteBoardTaskAsync(new() { Id = id }).ResponseAsync,
        ["TransitionBoardTask"] = (client, _, id) =>
            client.BoardTasks.TransitionBoardTaskAsync(new() { Id = id, Status = BoardTaskStatus.Assigned }).ResponseAsync,
        ["ListSubtasks"] = (client, _, id) => client.BoardTasks.ListSubtasksAsync(new() { ParentId = id }).ResponseAsync,
        ["ListParents"] = (client, _, id) => client.BoardTasks.ListParentsAsync(new() { ChildId = id }).ResponseAsync,
        ["RemoveSubtask"] = (client, _, id) => client.BoardTasks.RemoveSubtaskAsync(new() { ParentId = id, ChildId = id }).ResponseAsync,
        ["ListBlockers"] = (client, _, id) => client.BoardTasks.ListBlockersAsync(new() { Id = id }).ResponseAsync,
        ["ListBlocked"] = (client, _, id) => client.BoardTasks.ListBlockedAsync(new() { Id = id }).ResponseAsync,
        ["RemoveBlocker"] = (client, _, id) =>
            client.BoardTasks.RemoveBlockerAsync(new() { BlockedId = id, BlockerId = id }).ResponseAsync,
        ["GetMonitorTask"] = (client, id, _) => client.MonitorTasks.GetMonitorTaskAsync(new() { TaskId = id }).ResponseAsync,
        ["BatchGetMonitorTasks"] = (client, id, _) => client.MonitorTasks.BatchGetMonitorTasksAsync(new() { Ids = { id } }).ResponseAsync,
        ["UpdateMonitorTask"] = (client, id, _) =>
            client.MonitorTasks.UpdateMonitorTaskAsync(new() { MonitorTask = new() { TaskId = id, ConceptVersion = "9" } }).ResponseAsync,
        ["DeleteMonitorTask"] = (client, id, _) => client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = id }).ResponseAsync,
        ["PauseMonitorTask"] = (client, id, _) => client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = id }).ResponseAsync,
        ["ResumeMonitorTask"] = (client, id, _) => client.MonitorTasks.ResumeMonitorTaskAsync(new() { TaskId = id }).ResponseAsync,
        ["TriggerMonitorTask"] = (client, id, _) =>
            client.MonitorTasks.TriggerMonitorTaskAsync(new() { TaskId = id, TriggerKey = "key" }).ResponseAsync,
        ["GetDelivery"] = (client, id, _) => client.Deliveries.GetDeliveryAsync(new() { Id = id }).ResponseAsync,
        ["BatchGetDeliveries"] = (client, id, _) => client.Deliveries.BatchGetDeliveriesAsync(new() { Ids = { id } }).ResponseAsync,
        ["RedeliverDelivery"] = (client, id, _) => client.Deliveries.RedeliverDeliveryAsync(new() { Id = id }).ResponseAsync,
        ["CancelDelivery"] = (client, id, _) => client.Deliveries.CancelDeliveryAsync(new() { Id = id }).ResponseAsync,
        ["ExpireSigningSecret"] = (client, id, _) => client.SigningSecrets.ExpireSigningSecretAsync(new() { Id = id }).ResponseAsync,
        ["GetFlowExecution"] = (client, id, _) => client.FlowExecutions.GetFlowExecutionAsync(new() { Id = id }).ResponseAsync,
        ["BatchGetFlowExecutions"] = (client, id, _) =>
            client.FlowExecutions.BatchGetFlowExecutionsAsync(new() { Ids = { id } }).ResponseAsync,
        ["TransitionFlowExecution"] = (client, id, _) =>
            client.FlowExecutions.TransitionFlowExecutionAsync(new() { Id = id, Status = FlowExecutionStatus.Running }).ResponseAsync,
        ["GetTaskExecution"] = (client, id, _) => client.TaskExecutions.GetTaskExecutionAsync(new() { Id = id }).ResponseAsync,
        ["BatchGetTaskExecutions"] = (client, id, _) =>
            client.TaskExecutions.BatchGetTaskExecutionsAsync(new() { Ids = { id } }).ResponseAsync,
        ["TransitionTaskExecution"] = (client, id, _) =>
            client.TaskExecutions.TransitionTaskExecutionAsync(new() { Id = id, Status = TaskExecutionStatus.Running }).ResponseAsync,
        ["RetryTaskExecution"] = (client, id, _) => client.TaskExecutions.RetryTaskExecutionAsync(new() { Id = id }).ResponseAsync,
        ["DeleteTaskExecution"] = (client, id, _) => client.TaskExecutions.DeleteTaskExecutionAsync(new() { Id = id }).ResponseAsync,
        ["CreateTaskExecution"] = (client, id, _) => client.CreateTaskExecutionAsync(new() { FlowExecutionId = id, TaskName = "fetch" }),
        ["BatchCreateTaskExecutions"] = (client, id, _) =>
            client.TaskExecutions.BatchCreateTaskExecutionsAsync(
                new() { TaskExecutions = { new TaskExecution { FlowExecutionId = id, TaskName = "fetch" } } }).ResponseAsync,
        ["GetTaskExecutionByKey"] = (client, id, _) =>
            client.TaskExecutions.GetTaskExecutionByKeyAsync(new() { FlowExecutionId = id, TaskName = "fetch" }).ResponseAsync,
        ["AddSubtask"] = async (client, _, id) =>
            await client.BoardTasks.AddSubtaskAsync(new() { ParentId = (await client.CreateBoardTaskAsync()).Id, ChildId = id }),
        ["Heartbeat"] = (client, id, _) =>
            client.Work.HeartbeatAsync(new() { Kind = ResourceKind.AgentTask, Id = id, LeaseToken = "x" }).ResponseAsync,
        ["Release"] = (client, id, _) =>
            client.Work.ReleaseAsync(new() { Kind = ResourceKind.AgentTask, Id = id, LeaseToken = "x" }).ResponseAsync,
        ["RequestCancel"] = (client, id, _) =>
            client.Work.RequestCancelAsync(new() { Kind = ResourceKind.AgentTask, Id = id }).ResponseAsync,
        ["AddBlocker"] = async (client, _, id) =>
            await client.BoardTasks.AddBlockerAsync(new() { BlockedId = (await client.CreateBoardTaskAsync()).Id, BlockerId = id }),
    };

    // These calls of the services do not name one existing resource.
    private static readonly string[] Others =
        ["CreateAgentTask", "BatchCreateAgentTasks", "ListAgentTasks", "CreateBoardTask", "BatchCreateBoardTasks", "ListBoardTasks",
            "CreateMonitorTask", "ListMonitorTasks",
         "ListDeliveries", "CreateSigningSecret", "ListSigningSecrets", "CreateFlowExecution", "ListFlowExecutions", "ListTaskExecutions",
             "Watch", "ListChanges",
         "Count", "ClaimNext", "ListLeases"];

    public static TheoryData<string> CallNames => [.. Calls.Keys];

    [Fact]
    public void Every_call_Is_among_those_tested_here() => Assert.Equal(
        ServedContract.Services.SelectMany(service => service.Methods).Select(method => method.Name).Order(),
        Calls.Keys.Concat(Others).Order());

    [Theory]
    [MemberData(nameof(CallNames))]
    public async Task Another_organizations_resource_Looks_like_a_missing_one(string name)
    {
        using var owner = fixture.NewClient();
        using var otherClient = fixture.NewClient();
        var ids = await IdsAsync(owner, name);
        var missing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        var before = await owner.ListChangesAsync().CountAsync();

        var foreign = await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => Calls[name](otherClient, ids.Id, ids.Board));
        var absent = await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => Calls[name](otherClient, missing, missing));

        Assert.Equal(absent.Status.Detail.Replace(missing, "ID", StringComparison.Ordinal),
            foreign.Status.Detail.Replace(ids.Id, "ID", StringComparison.Ordinal).Replace(ids.Board, "ID", StringComparison.Ordinal));
        Assert.Equal(before, await owner.ListChangesAsync().CountAsync());
        Assert.Single((await owner.SigningSecrets.ListSigningSecretsAsync(new())).SigningSecrets, secret => secret.ExpiredAt is null);
    }

    /// <summary>Resources that the call could name if the caller's organization owned them.</summary>
    private static async Task<(string Id, string Board)> IdsAsync(TaskGrpcClient owner, string call)
    {
        var ids = await Hostile.ExistingIds.CreateAsync(owner);
        return (ids.For(call.Contains("Create", StringComparison.Ordinal) || call.Contains("ByKey", StringComparison.Ordinal)
            ? "FlowExecution" : call), ids.For("BoardTask"));
    }

    [Fact]
    public async Task Lists_watches_and_changes_Show_the_callers_organization_only()
    {
        using var owner = fixture.NewClient();
        using var otherClient = fixture.NewClient();
        using var watch = await WatchProbe.OpenAsync(otherClient, new WatchRequest { AfterRevision = 0 });
        var task = await owner.CreateAgentTaskAsync();
        var own = await otherClient.CreateAgentTaskAsync();

        await watch.UntilCountAsync(1);

        Assert.Equal(own, watch.Events.Single().Change.AgentTask);
        Assert.Equal([own], (await otherClient.AgentTasks.ListAgentTasksAsync(new())).AgentTasks);
        Assert.Single((await otherClient.Changes.ListChangesAsync(new())).Events);
        Assert.Empty((await otherClient.Changes.ListChangesAsync(new() { Ids = { task.Id } })).Events);
        var foreign = $"organization_id != \"{own.OrganizationId}\" OR priority:*";
        foreach (var filter in new[] { "", "NOT title = \"nothing\"", "status = QUEUED OR NOT metadata.k = 1", foreign })
        {
            Assert.Equal([own], (await otherClient.AgentTasks.ListAgentTasksAsync(new() { Filter = filter })).AgentTasks);
            var count = new CountRequest { Kind = ResourceKind.AgentTask, Filter = filter, GroupBy = { "status" } };
            Assert.Equal(1, (await otherClient.Statistics.CountAsync(count)).Total);
        }
    }

    [Theory]
    [InlineData("not-a-uuid")]
    [InlineData("01890A5D-AC96-774B-BCCE-B302099A8057")]
    [InlineData("{01890a5d-ac96-774b-bcce-b302099a8057}")]
    [InlineData("")]
    public async Task A_malformed_id_Is_a_bad_argument_and_not_a_missing_resource(string id)
    {
        using var client = fixture.NewClient();
        // Over HTTP the path without an id is another one.
        if (id.Length > 0 || !fixture.IsJson)
        {
            await Refusal.OfFieldsAsync(() => client.AgentTasks.GetAgentTaskAsync(new() { Id = id }).ResponseAsync, "id");
            await Refusal.OfFieldsAsync(() => client.BoardTasks.ListSubtasksAsync(new() { ParentId = id }).ResponseAsync, "parent_id");
        }

        await Refusal.OfFieldsAsync(() => client.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { id } }).ResponseAsync, "ids[0]");
        await Refusal.OfFieldsAsync(() => client.Changes.ListChangesAsync(new() { Ids = { id } }).ResponseAsync, "ids[0]");
    }

    [Fact]
    public async Task A_call_that_misstates_its_caller_Is_refused()
    {
        using var unnamed = fixture.Server.Client(" ");
        using var alien = fixture.Server.Client("x", type: "alien");
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => unnamed.CreateAgentTaskAsync());
        using var endless = fixture.Server.Client(new string('x', 257));
        using var longest = fixture.Server.Client(new string('x', 256));
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => alien.CreateAgentTaskAsync());
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => WatchProbe.OpenAsync(alien));
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => endless.CreateAgentTaskAsync());
        await longest.CreateAgentTaskAsync();
    }
}
