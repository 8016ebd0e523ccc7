using CsCheck;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Filters;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Statistics;

public abstract class CountTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_count_Is_exact_in_groups_and_of_the_moment_that_its_revision_names()
    {
        using var client = fixture.NewClient();
        AgentTask Task(string? role, bool visible) =>
            new(Sample.AgentTask()) { AssignedAgentRole = role ?? "", WorkspaceVisible = visible };
        var tasks = (await client.AgentTasks.BatchCreateAgentTasksAsync(new()
        {
            AgentTasks = { Task("r1", true), Task("r1", false), Task("r1", true), Task("r2", true), Sample.AgentTask() },
        })).AgentTasks;
        await client.TransitionAsync(tasks[0], AgentTaskStatus.Planning);
        await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = tasks[3].Id });

        var plain = await client.Statistics.CountAsync(new() { Kind = ResourceKind.AgentTask });
        Assert.Equal((4L, 3L, 0), (plain.Total, plain.Revision, plain.Groups.Count));
        Assert.Equal(5, (await client.Statistics.CountAsync(new() { Kind = ResourceKind.AgentTask, ShowDeleted = true })).Total);

        var byRole = await client.Statistics.CountAsync(
            new() { Kind = ResourceKind.AgentTask, GroupBy = { "assigned_agent_role", "workspace_visible" } });
        Assert.Equal(
            ["assigned_agent_role=r1,workspace_visible=true: 2", "workspace_visible=true: 1",
                "assigned_agent_role=r1,workspace_visible=false: 1"],
            byRole.Groups.Select(Shown));
        Assert.Equal(4, byRole.Total);

        var planning = await client.Statistics.CountAsync(
            new() { Kind = ResourceKind.AgentTask, Filter = "status = PLANNING", GroupBy = { "status" } });
        Assert.Equal("status=AGENT_TASK_STATUS_PLANNING: 1", Shown(Assert.Single(planning.Groups)));
        Assert.Equal(0, (await client.Statistics.CountAsync(new() { Kind = ResourceKind.BoardTask, GroupBy = { "status" } })).Total);
    }

    [Fact]
    public async Task Every_kind_Can_be_counted_by_each_of_its_fields_as_its_list_shows_them()
    {
        using var client = fixture.NewClient();
        await client.CreateAgentTaskAsync();
        await client.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = new(Sample.BoardTask()) { AssignedToUserId = "u" } });
        var monitor = await client.CreateMonitorTaskAsync();
        await client.TriggerAsync(monitor);
        var flow = await client.CreateFlowExecutionAsync();
        await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow));

        foreach (var kind in System.Enum.GetValues<ResourceKind>().Where(kind => kind != ResourceKind.Unspecified))
        {
            // A field that there is not names those that there are.
            var refusal = await Refusal.OfFieldsAsync(() =>
                client.Statistics.CountAsync(new() { Kind = kind, GroupBy = { "created_at" } }).ResponseAsync, "group_by[0]");
            var fields = refusal.FieldViolations[0].Description.Split("the fields are ")[1].Split(", ");
            Assert.Contains("status", fields);
            foreach (var field in fields)
            {
                var counted = await client.Statistics.CountAsync(new() { Kind = kind, GroupBy = { field } });
                Assert.Equal(1, counted.Total);
                Assert.Equal(1, Assert.Single(counted.Groups).Count);
            }
        }
    }

    [Fact]
    public async Task A_count_of_random_filters_Is_the_number_of_what_a_list_finds()
    {
        using var client = fixture.NewClient();
        foreach (var task in FilterGen.Task.Array[60].Single())
        {
            await client.CreateAgentTaskAsync(task);
        }

        await FilterGen.Filter.SampleAsync(
            async filter =>
            {
                var listed = (await client.AgentTasks.ListAgentTasksAsync(new() { Filter = filter.Text, PageSize = 1000 })).AgentTasks;
                var counted = await client.Statistics.CountAsync(
                    new() { Kind = ResourceKind.AgentTask, Filter = filter.Text, GroupBy = { "assigned_agent_role" } });
                Assert.Equal(listed.Count, counted.Total);
                Assert.Equal(
                    listed.GroupBy(task => task.HasAssignedAgentRole ? task.AssignedAgentRole : null)
                        .Select(group => (group.Key, group.LongCount())).Order(),
                    counted.Groups.Select(group => (group.Values.GetValueOrDefault("assigned_agent_role"), group.Count)).Order());
            },
            iter: 60,
            threads: 1);
    }

    [Fact]
    public async Task What_cannot_be_counted_Is_refused_with_what_can()
    {
        using var client = fixture.NewClient();
        await Refusal.OfFieldsAsync(() => client.Statistics.CountAsync(new()).ResponseAsync, "kind");
        foreach (var field in new[] { "metadata", "created_at", "id", "title", "nonsense", "" })
        {
            await Refusal.OfFieldsAsync(() =>
                client.Statistics.CountAsync(new() { Kind = ResourceKind.AgentTask, GroupBy = { field } }).ResponseAsync, "group_by[0]");
        }

        await Refusal.OfFieldsAsync(
            () => client.Statistics.CountAsync(new() { Kind = ResourceKind.AgentTask, GroupBy = { "status", "status" } }).ResponseAsync,
                "group_by[1]");
        await Refusal.OfFieldsAsync(
            () => client.Statistics.CountAsync(
                new()
                {
                    Kind = ResourceKind.AgentTask,
                    GroupBy = { "status", "task_type", "workspace_id", "source_type" }
                }).ResponseAsync, "group_by");
        await Refusal.OfAsync(ErrorReason.InvalidFilter,
            () => client.Statistics.CountAsync(new() { Kind = ResourceKind.AgentTask, Filter = "status =" }).ResponseAsync);
    }

    [Fact]
    public async Task More_than_1000_groups_Are_refused_and_1000_are_shown()
    {
        using var client = fixture.NewClient();
        AgentTask Task(int role) => new(Sample.AgentTask()) { AssignedAgentRole = $"role-{role}" };
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Range(0, 1000).Select(Task) } });
        var request = new CountRequest { Kind = ResourceKind.AgentTask, GroupBy = { "assigned_agent_role" } };
        Assert.Equal(1000, (await client.Statistics.CountAsync(request)).Groups.Count);
        await client.CreateAgentTaskAsync(Task(1000));
        await Refusal.OfFieldsAsync(() => client.Statistics.CountAsync(request).ResponseAsync, "group_by");
    }

    private static string Shown(CountGroup group) =>
        string.Join(',', group.Values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => $"{value.Key}={value.Value}"))
            + $": {group.Count}";
}
