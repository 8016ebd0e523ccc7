using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.BoardTaskStatus;

namespace TaskGrpc.Conformance.Tests.BoardTasks;

public abstract class BoardTaskTests(ServerFixture fixture)
{
    private static readonly Dictionary<BoardTaskStatus, BoardTaskStatus[]> Table = new()
    {
        [Backlog] = [Assigned],
        [Assigned] = [Backlog, Running],
        [Running] = [Assigned, Review, Done],
        [Review] = [Running, Done],
        [Done] = [Backlog],
    };

    private static readonly Dictionary<BoardTaskStatus, BoardTaskStatus[]> Paths = new()
    {
        [Backlog] = [],
        [Assigned] = [Assigned],
        [Running] = [Assigned, Running],
        [Review] = [Assigned, Running, Review],
        [Done] = [Assigned, Running, Done],
    };

    public static TheoryData<BoardTaskStatus> Statuses => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Transition_to_every_status_Moves_or_refuses_as_the_table_says(BoardTaskStatus from)
    {
        using var client = fixture.NewClient();
        foreach (var to in Table.Keys)
        {
            var task = await ReachAsync(client, from);
            if (Table[from].Contains(to))
            {
                Assert.Equal(to, (await client.TransitionAsync(task, to)).Status);
                continue;
            }

            var refusal = await Refusal.OfAsync(ErrorReason.InvalidTransition, () => client.TransitionAsync(task, to));
            Assert.Equal(Table[from].Select(Name), refusal.Details["allowed"].Split(','));
            Assert.Equal((Name(from), Name(to)), (refusal.Details["from"], refusal.Details["to"]));
        }
    }

    [Fact]
    public async Task Assigned_and_running_Need_an_assignee()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateBoardTaskAsync();
        await Refusal.OfAsync(ErrorReason.AssigneeRequired, () => client.TransitionAsync(task, Assigned));
        var refusal = await Refusal.OfAsync(ErrorReason.InvalidTransition, () => client.TransitionAsync(task, Done));
        Assert.Equal("", refusal.Details["allowed"]);

        foreach (var assignee in new BoardTask[] { new() { AssignedToTypeId = "t" }, new() { AssignedToInstanceId = "i" },
            new() { AssignedToUserId = "u" } })
        {
            assignee.Title = "x";
            var assigned = await client.CreateBoardTaskAsync(assignee);
            Assert.Equal(Backlog, assigned.Status);
            Assert.Equal(Assigned, (await client.TransitionAsync(assigned, Assigned)).Status);
        }
    }

    [Fact]
    public async Task Setting_an_assignee_Does_not_move_the_task()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateBoardTaskAsync();
        Assert.Equal(Backlog, (await UpdateAsync(client, new() { Id = task.Id, AssignedToUserId = "bob" })).Status);
    }

    [Theory]
    [InlineData(Assigned)]
    [InlineData(Running)]
    public async Task Clearing_the_last_assignee_Is_refused_where_one_is_needed(BoardTaskStatus status)
    {
        using var client = fixture.NewClient();
        var task = await ReachAsync(client, status);
        await Refusal.OfAsync(ErrorReason.AssigneeRequired, () => UpdateAsync(client, new() { Id = task.Id }, "assigned_to_user_id"));
        await Refusal.OfAsync(
            ErrorReason.AssigneeRequired, () => UpdateAsync(client, new() { Id = task.Id, AssignedToUserId = "" }, "assigned_to_user_id"));

        var handed =
            await UpdateAsync(client, new() { Id = task.Id, AssignedToTypeId = "clerk" }, "assigned_to_user_id", "assigned_to_type_id");
        Assert.Equal((false, "clerk"), (handed.HasAssignedToUserId, handed.AssignedToTypeId));
    }

    [Fact]
    public async Task Review_needs_no_assignee_but_running_again_does()
    {
        using var client = fixture.NewClient();
        var task = await ReachAsync(client, Review);
        await UpdateAsync(client, new() { Id = task.Id }, "assigned_to_user_id");

        await Refusal.OfAsync(ErrorReason.AssigneeRequired, () => client.TransitionAsync(task, Running));
        Assert.Equal(Backlog, (await client.TransitionAsync(await client.TransitionAsync(task, Done), Backlog)).Status);
    }

    [Fact]
    public async Task Update_Resets_defaults_and_refuses_the_status()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateBoardTaskAsync(
            new() { Title = "x", Priority = 1, Source = BoardTaskSource.Triage, Description = "d" });

        var reset = await UpdateAsync(client, new() { Id = task.Id }, "priority", "source", "description");

        Assert.Equal((3, BoardTaskSource.Manual, false), (reset.Priority, reset.Source, reset.HasDescription));
        await Refusal.OfAsync(ErrorReason.ImmutableField, () => UpdateAsync(client, new() { Id = task.Id, Status = Done }, "status"));
        await Refusal.OfAsync(
            ErrorReason.ImmutableField, () => UpdateAsync(client, new() { Id = task.Id, SubtaskCount = 4 }, "subtask_count"));
    }

    private static async Task<BoardTask> ReachAsync(TaskGrpcClient client, BoardTaskStatus status)
    {
        var task = await client.CreateBoardTaskAsync(new() { Title = "x", AssignedToUserId = "bob" });
        foreach (var step in Paths[status])
        {
            task = await client.TransitionAsync(task, step);
        }

        return task;
    }

    private static Task<BoardTask> UpdateAsync(TaskGrpcClient client, BoardTask task, params string[] mask)
    {
        var request = new UpdateBoardTaskRequest { BoardTask = task };
        if (mask.Length > 0)
        {
            request.UpdateMask = new FieldMask { Paths = { mask } };
        }

        return client.BoardTasks.UpdateBoardTaskAsync(request).ResponseAsync;
    }

    private static string Name(BoardTaskStatus status) =>
        BoardTask.Descriptor.FindFieldByName("status").EnumType.FindValueByNumber((int)status).Name;
}
