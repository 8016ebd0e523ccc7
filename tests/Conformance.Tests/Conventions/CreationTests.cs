using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

public abstract class CreationTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Fact]
    public async Task CreateAgentTask_Fills_in_what_the_caller_left_out()
    {
        using var anna = fixture.Server.Client(_organization);
        var task = await anna.CreateAgentTaskAsync();

        Assert.Equal(7, Guid.ParseExact(task.Id, "D").Version);
        Assert.Equal(_organization, task.OrganizationId);
        Assert.Equal(_organization, task.WorkspaceId);
        Assert.Equal(AgentTaskStatus.Queued, task.Status);
        Assert.Equal(100, task.Priority);
        Assert.Equal(ExecutionMode.Agentic, task.ExecutionMode);
        Assert.Equal(ApprovalPolicy.DraftForReview, task.ApprovalPolicy);
        Assert.True(task.WorkspaceVisible);
        Assert.Equal("anna", task.CreatedByUserId);
        Assert.Equal(task.CreatedAt, task.UpdatedAt);
        Assert.Equal(0, task.CreatedAt.Nanos % 1000);
        Assert.NotEmpty(task.Etag);
        Assert.Equal(task, await anna.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }));
    }

    [Fact]
    public async Task CreateAgentTask_Keeps_zero_and_false_apart_from_absent()
    {
        using var anna = fixture.Server.Client(_organization);
        var sample = Sample.AgentTask();
        (sample.Priority, sample.WorkspaceVisible, sample.WorkspaceId, sample.Description) = (0, false, "ws-1", "");

        var task = await anna.CreateAgentTaskAsync(sample);

        Assert.Equal((0, false, "ws-1", true), (task.Priority, task.WorkspaceVisible, task.WorkspaceId, task.HasDescription));
    }

    [Fact]
    public async Task CreateBoardTask_Fills_in_what_the_caller_left_out()
    {
        using var anna = fixture.Server.Client(_organization);
        using var cron = fixture.Server.Client(_organization, "cron", "service");
        var task = await anna.CreateBoardTaskAsync();

        Assert.Equal((BoardTaskStatus.Backlog, 3, BoardTaskSource.Manual, "anna", 0),
            (task.Status, task.Priority, task.Source, task.CreatedBy, task.SubtaskCount));
        Assert.False((await cron.CreateBoardTaskAsync()).HasCreatedBy);
    }

    [Fact]
    public async Task Create_Ignores_what_only_the_server_sets()
    {
        using var anna = fixture.Server.Client(_organization);
        var sample = Sample.AgentTask();
        sample.Id = "mine";
        sample.OrganizationId = "other";
        sample.Status = AgentTaskStatus.Queued;
        sample.Etag = "x";
        sample.LastError = "x";
        sample.CreatedAt = new Timestamp { Seconds = 1 };
        sample.DeletedAt = new Timestamp { Seconds = 1 };
        sample.Approval = new Approval { Decision = ApprovalDecision.Approved };

        var task = await anna.CreateAgentTaskAsync(sample);

        Assert.Equal((_organization, AgentTaskStatus.Queued, false), (task.OrganizationId, task.Status, task.HasLastError));
        Assert.Null(task.Approval);
        Assert.Null(task.DeletedAt);
        Assert.NotEqual(1, task.CreatedAt.Seconds);
    }

    [Fact]
    public async Task Create_Reports_all_violations_at_once()
    {
        using var anna = fixture.Server.Client(_organization);
        await Refusal.OfFieldsAsync(
            () => anna.AgentTasks.CreateAgentTaskAsync(
                new()
                {
                    AgentTask = new() { Title = " ", CreatedByUserId = "bob", ExecutionMode = (ExecutionMode)42 },
                    RequestId = "x"
                }).ResponseAsync,
            "agent_task.title", "agent_task.task_type", "agent_task.source_type", "agent_task.created_by_user_id",
                "agent_task.execution_mode", "request_id");
        // The body of HTTP is the task itself, so it is never missing.
        string[] missing = fixture.IsJson ? ["agent_task.title", "agent_task.task_type", "agent_task.source_type"] : ["agent_task"];
        await Refusal.OfFieldsAsync(() => anna.AgentTasks.CreateAgentTaskAsync(new()).ResponseAsync, missing);
        await Refusal.OfFieldsAsync(() =>
            anna.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = new() { Title = "x", Priority = 5 } }).ResponseAsync,
            "board_task.priority");
        await Refusal.OfFieldsAsync(() =>
            anna.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = new() { Title = "x", Priority = -1 } }).ResponseAsync,
            "board_task.priority");
    }

    [Fact]
    public async Task Only_a_user_Is_bound_to_its_own_name()
    {
        using var robot = fixture.Server.Client(_organization, "robot", "agent");
        var sample = Sample.AgentTask();
        sample.CreatedByUserId = "bob";

        Assert.Equal("bob", (await robot.CreateAgentTaskAsync(sample)).CreatedByUserId);
        Assert.False((await robot.CreateAgentTaskAsync()).HasCreatedByUserId);
    }

    [Fact]
    public async Task ValidateOnly_Returns_what_would_be_stored_and_stores_nothing()
    {
        using var anna = fixture.Server.Client(_organization);
        var request =
            new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(), ValidateOnly = true, RequestId = Guid.NewGuid().ToString() };

        var preview = await anna.AgentTasks.CreateAgentTaskAsync(request);
        Assert.Equal(("", "", 100, _organization), (preview.Id, preview.Etag, preview.Priority, preview.OrganizationId));
        Assert.Null(preview.CreatedAt);
        Assert.Null(preview.UpdatedAt);
        Assert.Equal(0, (await anna.AgentTasks.ListAgentTasksAsync(new())).Revision);

        // A dry run does not use its request_id up.
        request.ValidateOnly = false;
        Assert.NotEmpty((await anna.AgentTasks.CreateAgentTaskAsync(request)).Id);
        await Refusal.OfFieldsAsync(() =>
            anna.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = new(), ValidateOnly = true }).ResponseAsync, "agent_task.title",
            "agent_task.task_type", "agent_task.source_type");
    }

    [Fact]
    public async Task BatchCreate_Creates_all_in_one_revision_or_none()
    {
        using var anna = fixture.Server.Client(_organization);
        var created = await anna.AgentTasks.BatchCreateAgentTasksAsync(
            new() { AgentTasks = { Enumerable.Range(0, 1000).Select(i => Sample.AgentTask($"task {i}")) } });
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"task {i}"), created.AgentTasks.Select(task => task.Title));
        Assert.Equal(1, (await anna.AgentTasks.ListAgentTasksAsync(new())).Revision);

        var bad = new BatchCreateAgentTasksRequest
        {
            AgentTasks = { Sample.AgentTask(), new AgentTask { Title = "x", TaskType = "x" }, Sample.AgentTask(), Sample.AgentTask("") }
        };
        await Refusal.OfFieldsAsync(
            () => anna.AgentTasks.BatchCreateAgentTasksAsync(bad).ResponseAsync, "agent_tasks[1].source_type", "agent_tasks[3].title");
        await Refusal.OfFieldsAsync(() => anna.AgentTasks.BatchCreateAgentTasksAsync(new()).ResponseAsync, "agent_tasks");
        await Refusal.OfFieldsAsync(() =>
            anna.AgentTasks.BatchCreateAgentTasksAsync(
                new() { AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), 1001) } }).ResponseAsync, "agent_tasks");
        Assert.Equal(1, (await anna.AgentTasks.ListAgentTasksAsync(new())).Revision);
    }

    [Fact]
    public async Task BatchCreate_over_three_mebibytes_Is_refused()
    {
        using var anna = fixture.Server.Client(_organization);
        var large = Sample.AgentTask();
        large.Description = new string('x', 65_000);
        await Refusal.OfFieldsAsync(() =>
            anna.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(large, 49) } }).ResponseAsync,
            "agent_tasks");
        await anna.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(large, 48) }, ValidateOnly = true });
    }
}
