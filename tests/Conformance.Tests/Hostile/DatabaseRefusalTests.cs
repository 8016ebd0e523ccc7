using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hostile;

/// <summary>A refusal by the database has a known outcome: nothing has changed, one log line has the cause, no client retries.</summary>
public abstract class DatabaseRefusalTests(ServerFixture fixture)
{
    private readonly string _organization = fixture.NewOrganization();

    [Fact]
    public async Task A_create_that_a_trigger_refuses_Is_an_incident_and_burns_no_request_id()
    {
        using var client = fixture.Server.Client(_organization, maxAttempts: 5);
        await fixture.RefuseAsync("agent_tasks", "NEW.title = 'not this one'");
        var request = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask("not this one"), RequestId = Guid.NewGuid().ToString() };

        await RefusedAsync(() => client.AgentTasks.CreateAgentTaskAsync(request).ResponseAsync);

        Assert.Equal(0, (await client.Changes.ListChangesAsync(new())).Revision);
        request.AgentTask.Title = "this one";
        Assert.Equal("this one", (await client.AgentTasks.CreateAgentTaskAsync(request)).Title);
        Assert.Equal(1, (await client.Changes.ListChangesAsync(new())).Revision);
    }

    [Fact]
    public async Task A_change_that_a_constraint_refuses_Leaves_the_resource_as_it_was()
    {
        using var client = fixture.Server.Client(_organization);
        await fixture.ExecuteAsync("CREATE UNIQUE INDEX only_once ON board_tasks (title) WHERE title = 'only once'");
        await client.CreateBoardTaskAsync(Sample.BoardTask("only once"));
        var task = await client.CreateBoardTaskAsync(Sample.BoardTask("twice"));

        await RefusedAsync(() =>
            client.BoardTasks.UpdateBoardTaskAsync(new() { BoardTask = new() { Id = task.Id, Title = "only once" } }).ResponseAsync);

        Assert.Equal(task, await client.BoardTasks.GetBoardTaskAsync(new() { Id = task.Id }));
        Assert.Equal(2, (await client.Changes.ListChangesAsync(new())).Revision);
    }

    [Fact]
    public async Task A_command_that_is_refused_among_others_Is_dropped_alone()
    {
        using var client = fixture.Server.Client(_organization);
        await fixture.RefuseAsync("agent_tasks", "NEW.title = 'odd one out'");
        var good = Enumerable.Range(0, 60).Select(i => client.CreateAgentTaskAsync(Sample.AgentTask($"good {i}"))).ToArray();
        var bad = RefusedAsync(() => client.CreateAgentTaskAsync(Sample.AgentTask("odd one out")));
        var more = Enumerable.Range(60, 60).Select(i => client.CreateAgentTaskAsync(Sample.AgentTask($"good {i}"))).ToArray();
        await Task.WhenAll([.. good, .. more, bad]);

        var log = await client.Changes.ListChangesAsync(new() { PageSize = 1000 });
        Assert.Equal(120, log.Revision);
        Assert.DoesNotContain(log.Events, seen => seen.Change.AgentTask.Title == "odd one out");
    }

    [Fact]
    public async Task A_read_that_the_database_refuses_Is_an_incident_and_the_next_one_is_answered()
    {
        using var client = fixture.Server.Client(_organization, maxAttempts: 5);
        var task = await client.CreateAgentTaskAsync();
        await client.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id });
        foreach (var (table, read) in new (string, Func<Task>)[]
        {
            ("agent_tasks", () => client.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }).ResponseAsync),
            ("agent_tasks", () => client.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { task.Id } }).ResponseAsync),
            ("agent_tasks", () => client.AgentTasks.ListAgentTasksAsync(new()).ResponseAsync),
            ("agent_tasks", async () => await SnapshotAsync(client)),
            ("changes", () => client.Changes.ListChangesAsync(new()).ResponseAsync),
        })
        {
            await read();
            await fixture.ExecuteAsync($"ALTER TABLE {table} RENAME TO out_of_sight");
            await RefusedAsync(read);
            await fixture.ExecuteAsync($"ALTER TABLE out_of_sight RENAME TO {table}");
            await read();
        }
    }

    [Fact]
    public async Task A_NUL_that_one_store_cannot_hold_Is_refused_by_its_field_on_both()
    {
        using var client = fixture.Server.Client(_organization);
        const string text = "a\0b";
        await Refusal.OfFieldsAsync(() => client.CreateAgentTaskAsync(Sample.AgentTask(text)), "agent_task.title");
        var metadata = new Struct { Fields = { ["k"] = Value.ForString(text) } };
        await Refusal.OfFieldsAsync(
            () => client.CreateAgentTaskAsync(new AgentTask(Sample.AgentTask()) { Metadata = metadata }), "agent_task.metadata.k");
        foreach (var filter in new[] { $"title = \"{text}\"", $"metadata.k = \"{text}\"", $"metadata.\"{text}\" = 1",
            $"title = \"*{text}\"" })
        {
            await Refusal.OfFieldsAsync(() => client.AgentTasks.ListAgentTasksAsync(new() { Filter = filter }).ResponseAsync, "filter");
        }
    }

    [Fact]
    public async Task Indexed_texts_At_their_limits_Are_stored()
    {
        using var client = fixture.Server.Client(_organization);
        // Random letters, so that no database compresses them.
        var random = new Random(7);
        string Text(int characters) =>
            string.Concat(Enumerable.Range(0, characters).Select(_ => char.ConvertFromUtf32(random.Next(0x10400, 0x1F000))));
        await client.CreateAgentTaskAsync(
            new AgentTask(Sample.AgentTask()) { EntityId = Text(256), AssignedAgentRole = Text(256), WorkspaceId = Text(256) });
        await client.CreateBoardTaskAsync(
            new BoardTask(Sample.BoardTask())
            {
                AssignedToTypeId = Text(256),
                AssignedToInstanceId = Text(256),
                AssignedToUserId = Text(256),
                CorrelationBucketId = Text(256)
            });
        var task = await client.CreateMonitorTaskAsync(Sample.Notification(Text(1024)));
        await client.TriggerAsync(task, Text(256));
        var flow = await client.FlowExecutions.CreateFlowExecutionAsync(new() { FlowExecution = new() { WorkflowId = Text(256) } });
        await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, Text(256)));
    }

    protected async Task RefusedAsync(Func<Task> call)
    {
        fixture.Server.ExpectErrors("Incident");
        var before = fixture.Server.Errors.Count;
        var refusal = await Refusal.OfAsync(ErrorReason.Unexpected, call);
        Assert.Equal(StatusCode.Internal, refusal.StatusCode);
        Assert.Contains("nothing was changed", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(
            $"Incident {refusal.Details["incident_id"]}:", Assert.Single(fixture.Server.Errors.Skip(before)), StringComparison.Ordinal);
    }

    private static async Task SnapshotAsync(TaskGrpcClient client)
    {
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { Kinds = { ResourceKind.AgentTask }, Snapshot = true });
        while (!watch.Last.SnapshotComplete)
        {
            await watch.NextAsync();
        }
    }
}
