using TaskGrpc.Client;
using TaskGrpc.Testing;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>Another organization's resources look exactly like missing ones, to every call.</summary>
public abstract class TenancyTests(ServerFixture fixture)
{
    private static readonly Dictionary<string, Func<TaskGrpcClient, string, string, Task>> Calls = new()
    {
        ["GetAgentTask"] = (client, id, _) => client.AgentTasks.GetAgentTaskAsync(new() { Id = id }).ResponseAsync,
        ["BatchGetAgentTasks"] = (client, id, _) => client.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { id } }).ResponseAsync,
        ["UpdateAgentTask"] = (client, id, _) => client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = new() { Id = id, Title = "x" } }).ResponseAsync,
        ["DeleteAgentTask"] = (client, id, _) => client.AgentTasks.DeleteAgentTaskAsync(new() { Id = id }).ResponseAsync,
        ["TransitionAgentTask"] = (client, id, _) => client.AgentTasks.TransitionAgentTaskAsync(new() { Id = id, Status = AgentTaskStatus.Planning }).ResponseAsync,
        ["ApproveAgentTask"] = (client, id, _) => client.AgentTasks.ApproveAgentTaskAsync(new() { Id = id, Etag = "x" }).ResponseAsync,
        ["RejectAgentTask"] = (client, id, _) => client.AgentTasks.RejectAgentTaskAsync(new() { Id = id, Etag = "x" }).ResponseAsync,
        ["GetBoardTask"] = (client, _, id) => client.BoardTasks.GetBoardTaskAsync(new() { Id = id }).ResponseAsync,
        ["BatchGetBoardTasks"] = (client, _, id) => client.BoardTasks.BatchGetBoardTasksAsync(new() { Ids = { id } }).ResponseAsync,
        ["UpdateBoardTask"] = (client, _, id) => client.BoardTasks.UpdateBoardTaskAsync(new() { BoardTask = new() { Id = id, Title = "x" } }).ResponseAsync,
        ["DeleteBoardTask"] = (client, _, id) => client.BoardTasks.DeleteBoardTaskAsync(new() { Id = id }).ResponseAsync,
        ["TransitionBoardTask"] = (client, _, id) => client.BoardTasks.TransitionBoardTaskAsync(new() { Id = id, Status = BoardTaskStatus.Assigned }).ResponseAsync,
        ["ListSubtasks"] = (client, _, id) => client.BoardTasks.ListSubtasksAsync(new() { ParentId = id }).ResponseAsync,
        ["ListParents"] = (client, _, id) => client.BoardTasks.ListParentsAsync(new() { ChildId = id }).ResponseAsync,
        ["RemoveSubtask"] = (client, _, id) => client.BoardTasks.RemoveSubtaskAsync(new() { ParentId = id, ChildId = id }).ResponseAsync,
        ["AddSubtask"] = async (client, _, id) => await client.BoardTasks.AddSubtaskAsync(new() { ParentId = (await client.CreateBoardTaskAsync()).Id, ChildId = id }),
    };

    // Of a kind's services, these say nothing of one existing resource.
    private static readonly string[] Others =
        ["CreateAgentTask", "BatchCreateAgentTasks", "ListAgentTasks", "CreateBoardTask", "BatchCreateBoardTasks", "ListBoardTasks"];

    public static TheoryData<string> CallNames => [.. Calls.Keys];

    [Fact]
    public void Every_call_Is_among_those_tested_here() => Assert.Equal(
        AgentTaskService.Descriptor.Methods.Concat(BoardTaskService.Descriptor.Methods).Select(method => method.Name).Order(),
        Calls.Keys.Concat(Others).Order());

    [Theory]
    [MemberData(nameof(CallNames))]
    public async Task Another_organizations_resource_Looks_like_a_missing_one(string name)
    {
        using var owner = fixture.NewClient();
        using var stranger = fixture.NewClient();
        var (task, board) = (await owner.CreateAgentTaskAsync(), await owner.CreateBoardTaskAsync());
        var missing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();

        var foreign = await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => Calls[name](stranger, task.Id, board.Id));
        var absent = await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => Calls[name](stranger, missing, missing));

        Assert.Equal(absent.Status.Detail.Replace(missing, "ID", StringComparison.Ordinal), foreign.Status.Detail.Replace(task.Id, "ID", StringComparison.Ordinal).Replace(board.Id, "ID", StringComparison.Ordinal));
        Assert.Equal((task, board), (await owner.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }), await owner.BoardTasks.GetBoardTaskAsync(new() { Id = board.Id })));
    }

    [Fact]
    public async Task Lists_watches_and_changes_Show_the_callers_organization_only()
    {
        using var owner = fixture.NewClient();
        using var stranger = fixture.NewClient();
        using var watch = await WatchProbe.OpenAsync(stranger, new WatchRequest { AfterRevision = 0 });
        var task = await owner.CreateAgentTaskAsync();
        var own = await stranger.CreateAgentTaskAsync();

        await watch.UntilCountAsync(1);

        Assert.Equal(own, watch.Events.Single().Change.AgentTask);
        Assert.Equal([own], (await stranger.AgentTasks.ListAgentTasksAsync(new())).AgentTasks);
        Assert.Single((await stranger.Changes.ListChangesAsync(new())).Events);
        Assert.Empty((await stranger.Changes.ListChangesAsync(new() { Ids = { task.Id } })).Events);
    }

    [Theory]
    [InlineData("not-a-uuid")]
    [InlineData("01890A5D-AC96-774B-BCCE-B302099A8057")]
    [InlineData("{01890a5d-ac96-774b-bcce-b302099a8057}")]
    [InlineData("")]
    public async Task A_malformed_id_Is_a_bad_argument_and_not_a_missing_resource(string id)
    {
        using var client = fixture.NewClient();
        await Refusal.OfFieldsAsync(() => client.AgentTasks.GetAgentTaskAsync(new() { Id = id }).ResponseAsync, "id");
        await Refusal.OfFieldsAsync(() => client.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { id } }).ResponseAsync, "ids[0]");
        await Refusal.OfFieldsAsync(() => client.BoardTasks.ListSubtasksAsync(new() { ParentId = id }).ResponseAsync, "parent_id");
        await Refusal.OfFieldsAsync(() => client.Changes.ListChangesAsync(new() { Ids = { id } }).ResponseAsync, "ids[0]");
    }

    [Fact]
    public async Task A_call_that_misstates_its_caller_Is_refused()
    {
        using var nobody = fixture.Server.Client(" ");
        using var alien = fixture.Server.Client("x", type: "alien");
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => nobody.CreateAgentTaskAsync());
        using var endless = fixture.Server.Client(new string('x', 257));
        using var longest = fixture.Server.Client(new string('x', 256));
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => alien.CreateAgentTaskAsync());
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => WatchProbe.OpenAsync(alien));
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => endless.CreateAgentTaskAsync());
        await longest.CreateAgentTaskAsync();
    }
}
