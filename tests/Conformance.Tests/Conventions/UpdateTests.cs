using CsCheck;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Filters;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

public abstract class UpdateTests(ServerFixture fixture)
{
    [Fact]
    public async Task Update_without_a_mask_Changes_every_populated_field()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();

        var updated =
            await UpdateAsync(client, new() { Id = task.Id, Title = "New", Priority = 0, DueAt = new Timestamp { Seconds = 5 } });

        Assert.Equal(("New", 0, 5L, task.TaskType), (updated.Title, updated.Priority, updated.DueAt.Seconds, updated.TaskType));
        Assert.NotEqual(task.Etag, updated.Etag);
        Assert.True(updated.UpdatedAt >= task.UpdatedAt);
        Assert.Equal(task.CreatedAt, updated.CreatedAt);
    }

    [Fact]
    public async Task Update_with_a_mask_Clears_or_resets_what_is_unset()
    {
        using var client = fixture.NewClient();
        var sample = Sample.AgentTask();
        (sample.Description, sample.Priority, sample.WorkspaceVisible, sample.ExecutionMode, sample.DueAt) =
            ("d", 7, false, ExecutionMode.Hybrid, new Timestamp { Seconds = 1 });
        sample.Metadata = new Struct { Fields = { ["a"] = Value.ForNumber(1) } };
        var task = await client.CreateAgentTaskAsync(sample);

        var updated = await UpdateAsync(client, new() { Id = task.Id, Title = "ignored" }, "description", "priority", "workspace_visible",
            "execution_mode", "due_at", "metadata");

        Assert.Equal((task.Title, false, 100, true, ExecutionMode.Agentic),
            (updated.Title, updated.HasDescription, updated.Priority, updated.WorkspaceVisible, updated.ExecutionMode));
        Assert.Null(updated.DueAt);
        Assert.Null(updated.Metadata);
        await Refusal.OfFieldsAsync(() => UpdateAsync(client, new() { Id = task.Id }, "title"), "agent_task.title");
    }

    [Fact]
    public async Task Random_masks_over_random_tasks_Change_what_they_name_and_nothing_else()
    {
        using var client = fixture.NewClient();
        string[] updatable = ["task_type", "entity_type", "entity_id", "title", "description", "priority", "assigned_agent_role",
            "execution_mode", "due_at", "workspace_visible", "metadata"];
        await Gen.Select(FilterGen.Task, FilterGen.Task, Gen.Shuffle(updatable), Gen.Int[1, updatable.Length], Gen.Bool).SampleAsync(
            async (first, second, fields, count, keepsDefaults) =>
            {
                var before = await client.CreateAgentTaskAsync(first);
                string[] mask = [.. fields.Take(count)];
                var wanted = second.Clone();
                wanted.Id = before.Id;
                if (!keepsDefaults)
                {
                    wanted.ClearPriority();
                    wanted.ClearWorkspaceVisible();
                }

                var after = await UpdateAsync(client, wanted, mask);
                var expected = before.Clone();
                foreach (var field in AgentTask.Descriptor.Fields.InDeclarationOrder().Where(field => mask.Contains(field.Name)))
                {
                    FieldOf(field, wanted, expected);
                }

                // An unset field returns to its default.
                expected.Priority = expected.HasPriority ? expected.Priority : 100;
                expected.WorkspaceVisible = !expected.HasWorkspaceVisible || expected.WorkspaceVisible;
                expected.ExecutionMode = expected.ExecutionMode == ExecutionMode.Unspecified
                    ? ExecutionMode.Agentic : expected.ExecutionMode;
                (expected.Etag, expected.UpdatedAt) = (after.Etag, after.UpdatedAt);
                // A due date that has passed marks the task in the same change.
                expected.Overdue = expected.DueAt is { } due && due <= after.UpdatedAt;
                Assert.Equal(expected, after);
            },
            iter: 100,
            threads: 1);
    }

    private static void FieldOf(Google.Protobuf.Reflection.FieldDescriptor field, AgentTask from, AgentTask to)
    {
        field.Accessor.Clear(to);
        if (!field.HasPresence || field.Accessor.HasValue(from))
        {
            field.Accessor.SetValue(to, field.Accessor.GetValue(from));
        }
    }

    [Fact]
    public async Task Update_Replaces_metadata_whole()
    {
        using var client = fixture.NewClient();
        var sample = Sample.AgentTask();
        sample.Metadata = new Struct { Fields = { ["a"] = Value.ForNumber(1), ["b"] = Value.ForNumber(2) } };
        var task = await client.CreateAgentTaskAsync(sample);

        var updated =
            await UpdateAsync(client, new() { Id = task.Id, Metadata = new Struct { Fields = { ["c"] = Value.ForBool(true) } } });

        Assert.Equal(["c"], updated.Metadata.Fields.Keys);
    }

    [Fact]
    public async Task Update_with_a_star_Replaces_every_updatable_field()
    {
        using var client = fixture.NewClient();
        var sample = Sample.AgentTask();
        (sample.Description, sample.SourceRefId) = ("d", "ref");
        var task = await client.CreateAgentTaskAsync(sample);

        var updated = await UpdateAsync(client, new() { Id = task.Id, Title = "t", TaskType = "tt" }, "*");

        Assert.Equal(("t", "tt", false, "ref"), (updated.Title, updated.TaskType, updated.HasDescription, updated.SourceRefId));
    }

    [Theory]
    [InlineData("nonsense", ErrorReason.InvalidField)]
    [InlineData("metadata.key", ErrorReason.InvalidField)]
    [InlineData("Title", ErrorReason.InvalidField)]
    [InlineData("status", ErrorReason.ImmutableField)]
    [InlineData("source_type", ErrorReason.ImmutableField)]
    [InlineData("workspace_id", ErrorReason.ImmutableField)]
    [InlineData("created_at", ErrorReason.ImmutableField)]
    [InlineData("id", ErrorReason.ImmutableField)]
    public async Task Update_mask_with_a_path_that_cannot_be_updated_Is_refused(string path, ErrorReason reason)
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();
        var refusal = await Refusal.OfAsync(reason, () => UpdateAsync(client, new() { Id = task.Id, Title = "x" }, "title", path));
        Assert.Contains(path, refusal.Status.Detail, StringComparison.Ordinal);
        if (path == "status")
        {
            Assert.Contains("TransitionAgentTask", refusal.Status.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Update_without_a_mask_Accepts_equal_values_and_refuses_others()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();

        var whole = task.Clone();
        whole.Title = "Renamed";
        Assert.Equal("Renamed", (await UpdateAsync(client, whole)).Title);

        foreach (var differing in new AgentTask[] { new() { SourceType = SourceType.Schedule }, new() { SourceRefId = "x" },
            new() { WorkspaceId = "x" }, new() { CreatedByUserId = "x" }, new() { Status = AgentTaskStatus.Planning } })
        {
            differing.Id = task.Id;
            await Refusal.OfAsync(ErrorReason.ImmutableField, () => UpdateAsync(client, differing));
        }
    }

    [Fact]
    public async Task Update_that_changes_nothing_Takes_no_revision()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();

        Assert.Equal(task, await UpdateAsync(client, new() { Id = task.Id, Title = task.Title }));
        Assert.Equal(task, await UpdateAsync(client, new() { Id = task.Id }));

        Assert.Equal(1, (await client.AgentTasks.ListAgentTasksAsync(new())).Revision);
    }

    [Fact]
    public async Task Update_with_a_stale_etag_Is_refused_with_the_present_one()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();
        var updated = await UpdateAsync(client, new() { Id = task.Id, Etag = task.Etag, Title = "one" });

        var refusal = await Refusal.OfAsync(
            ErrorReason.EtagMismatch, () => UpdateAsync(client, new() { Id = task.Id, Etag = task.Etag, Title = "two" }));

        Assert.Equal(updated.Etag, refusal.Details["current_etag"]);
    }

    [Fact]
    public async Task Update_of_fields_Is_checked_like_creation()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();
        var board = await client.CreateBoardTaskAsync();
        await Refusal.OfFieldsAsync(() =>
            UpdateAsync(client, new() { Id = task.Id, Title = new string('x', 501), ExecutionMode = (ExecutionMode)9 }),
            "agent_task.title", "agent_task.execution_mode");
        await Refusal.OfFieldsAsync(() => UpdateAsync(client, new() { Id = task.Id, Title = "  " }), "agent_task.title");
        if (!fixture.IsJson)
        {
            await Refusal.OfFieldsAsync(() => UpdateAsync(client, new() { Title = "x" }), "agent_task.id");
            await Refusal.OfFieldsAsync(() => client.AgentTasks.UpdateAgentTaskAsync(new()).ResponseAsync, "agent_task");
        }

        await Refusal.OfFieldsAsync(() =>
            client.BoardTasks.UpdateBoardTaskAsync(new() { BoardTask = new() { Id = board.Id, Priority = 9 } }).ResponseAsync,
            "board_task.priority");
        await Refusal.OfFieldsAsync(
            () => client.AgentTasks.UpdateAgentTaskAsync(
                new()
                {
                    AgentTask = new() { Id = "x", Title = "" },
                    UpdateMask = new() { Paths = { "title", "nonsense", "status" } },
                    RequestId = "x"
                }).ResponseAsync,
            "agent_task.id", "agent_task.title", "update_mask", "request_id");
        // The update ignores a field outside the mask.
        await UpdateAsync(client, new() { Id = task.Id, Title = "fine", Description = new string('x', 70_000) }, "title");
    }

    [Fact]
    public async Task Delete_Hides_the_task_from_all_but_readers_and_is_final()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();
        await Refusal.OfAsync(
            ErrorReason.EtagMismatch, () => client.AgentTasks.DeleteAgentTaskAsync(new() { Id = task.Id, Etag = "x" }).ResponseAsync);

        var deleted = await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = task.Id, Etag = task.Etag });

        Assert.Equal(deleted.UpdatedAt, deleted.DeletedAt);
        Assert.Equal(deleted, await client.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }));
        Assert.Equal([deleted], (await client.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { task.Id } })).AgentTasks);
        Assert.Empty((await client.AgentTasks.ListAgentTasksAsync(new())).AgentTasks);
        Assert.Equal([deleted], (await client.AgentTasks.ListAgentTasksAsync(new() { ShowDeleted = true })).AgentTasks);
        await Refusal.OfAsync(
            ErrorReason.ResourceNotFound, () => client.AgentTasks.DeleteAgentTaskAsync(new() { Id = task.Id }).ResponseAsync);
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => UpdateAsync(client, new() { Id = task.Id, Title = "x" }));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => client.TransitionAsync(task, AgentTaskStatus.Planning));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound,
            () => client.AgentTasks.ApproveAgentTaskAsync(new() { Id = task.Id, Etag = deleted.Etag }).ResponseAsync);
    }

    private static Task<AgentTask> UpdateAsync(TaskGrpcClient client, AgentTask task, params string[] mask)
    {
        var request = new UpdateAgentTaskRequest { AgentTask = task };
        if (mask.Length > 0)
        {
            request.UpdateMask = new FieldMask { Paths = { mask } };
        }

        return client.AgentTasks.UpdateAgentTaskAsync(request).ResponseAsync;
    }
}
