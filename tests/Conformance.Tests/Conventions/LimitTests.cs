using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>Every limit of the contract, at the limit and above it. The other tests stay below the limits.</summary>
public abstract class LimitTests(ServerFixture fixture)
{
    private static readonly Dictionary<string, (int Limit, Action<AgentTask, string> Set)> AgentTexts = new()
    {
        ["title"] = (500, (task, text) => task.Title = text),
        ["description"] = (65_536, (task, text) => task.Description = text),
        ["task_type"] = (4096, (task, text) => task.TaskType = text),
        ["source_ref_id"] = (256, (task, text) => task.SourceRefId = text),
        ["entity_type"] = (4096, (task, text) => task.EntityType = text),
        ["entity_id"] = (256, (task, text) => task.EntityId = text),
        ["assigned_agent_role"] = (4096, (task, text) => task.AssignedAgentRole = text),
        ["created_by_user_id"] = (256, (task, text) => task.CreatedByUserId = text),
        ["workspace_id"] = (256, (task, text) => task.WorkspaceId = text),
    };

    private static readonly Dictionary<string, (int Limit, Action<BoardTask, string> Set)> BoardTexts = new()
    {
        ["title"] = (500, (task, text) => task.Title = text),
        ["description"] = (65_536, (task, text) => task.Description = text),
        ["assigned_to_type_id"] = (256, (task, text) => task.AssignedToTypeId = text),
        ["assigned_to_instance_id"] = (256, (task, text) => task.AssignedToInstanceId = text),
        ["assigned_to_user_id"] = (256, (task, text) => task.AssignedToUserId = text),
        ["correlation_bucket_id"] = (256, (task, text) => task.CorrelationBucketId = text),
    };

    public static TheoryData<string> AgentFields => [.. AgentTexts.Keys];

    public static TheoryData<string> BoardFields => [.. BoardTexts.Keys];

    [Theory]
    [MemberData(nameof(AgentFields))]
    public async Task AgentTask_text_At_its_limit_is_kept_and_above_it_is_refused(string field)
    {
        // A SERVICE may name any user as the creator.
        using var client = fixture.Server.Client(fixture.NewOrganization(), "cron", "service");
        var (limit, set) = AgentTexts[field];
        var task = Sample.AgentTask();

        set(task, new string('x', limit));
        var created = await client.CreateAgentTaskAsync(task);
        Assert.Equal(limit, AgentTask.Descriptor.FindFieldByName(field).Accessor.GetValue(created).ToString()!.Length);

        set(task, new string('x', limit + 1));
        await Refusal.OfFieldsAsync(() => client.CreateAgentTaskAsync(task), $"agent_task.{field}");
    }

    [Theory]
    [MemberData(nameof(BoardFields))]
    public async Task BoardTask_text_At_its_limit_is_kept_and_above_it_is_refused(string field)
    {
        using var client = fixture.NewClient();
        var (limit, set) = BoardTexts[field];
        var task = Sample.BoardTask();

        set(task, new string('x', limit));
        await client.CreateBoardTaskAsync(task);
        set(task, new string('x', limit + 1));
        await Refusal.OfFieldsAsync(() => client.CreateBoardTaskAsync(task), $"board_task.{field}");
    }

    [Fact]
    public async Task Titles_Are_counted_in_code_points()
    {
        using var client = fixture.NewClient();
        var owls = await client.CreateBoardTaskAsync(Sample.BoardTask(string.Concat(Enumerable.Repeat("🦉", 500))));
        Assert.Equal(1000, owls.Title.Length);
        await Refusal.OfFieldsAsync(
            () => client.CreateBoardTaskAsync(Sample.BoardTask(string.Concat(Enumerable.Repeat("🦉", 501)))), "board_task.title");
    }

    [Fact]
    public async Task Descriptions_Are_counted_in_bytes()
    {
        using var client = fixture.NewClient();
        var task = Sample.BoardTask();
        task.Description = new string('é', 32_768);
        await client.CreateBoardTaskAsync(task);
        task.Description += "x";
        await Refusal.OfFieldsAsync(() => client.CreateBoardTaskAsync(task), "board_task.description");
    }

    [Fact]
    public async Task Metadata_Is_limited_by_its_serialized_size()
    {
        using var client = fixture.NewClient();
        var task = Sample.AgentTask();
        task.Metadata = new Struct { Fields = { ["k"] = Value.ForString("") } };
        // A longer length needs more bytes of its own, so the test measures how much fits.
        task.Metadata.Fields["k"] = Value.ForString(new string('x', 65_500));
        var room = 65_536 - task.Metadata.CalculateSize();
        task.Metadata.Fields["k"] = Value.ForString(new string('x', 65_500 + room));
        Assert.Equal(65_536, task.Metadata.CalculateSize());

        await client.CreateAgentTaskAsync(task);
        task.Metadata.Fields["k"] = Value.ForString(new string('x', 65_501 + room));
        await Refusal.OfFieldsAsync(() => client.CreateAgentTaskAsync(task), "agent_task.metadata");
    }

    [Fact]
    public async Task Values_that_no_store_or_no_json_can_hold_Are_refused()
    {
        using var client = fixture.NewClient();
        var task = Sample.AgentTask("a\0b");
        if (fixture.IsJson)
        {
            task.Metadata = new Struct { Fields = { ["zero"] = Value.ForList(Value.ForString("a\0")) } };
            await Refusal.OfFieldsAsync(() => client.CreateAgentTaskAsync(task), "agent_task.title", "agent_task.metadata.zero[]");
            return;
        }

        task.DueAt = new Timestamp { Seconds = 253_402_300_800 };
        task.Metadata = new Struct
        {
            Fields =
            {
                ["infinite"] = Value.ForNumber(double.PositiveInfinity),
                ["nothing"] = new Value(),
                ["zero"] = Value.ForList(Value.ForString("a\0")),
            },
        };

        await Refusal.OfFieldsAsync(() => client.CreateAgentTaskAsync(task), "agent_task.title", "agent_task.due_at",
            "agent_task.metadata.infinite", "agent_task.metadata.nothing", "agent_task.metadata.zero[]");
    }

    [Fact]
    public async Task Free_form_data_Is_bounded_in_depth_so_that_every_watch_can_read_it()
    {
        using var client = fixture.NewClient();
        Value Nested(int levels) =>
            Enumerable.Range(1, levels)
            .Aggregate(Value.ForNumber(1),
                (inner, level) => level % 2 == 0 ? Value.ForList(inner) : Value.ForStruct(new Struct { Fields = { ["k"] = inner } }));
        using var watch = await WatchProbe.OpenAsync(client);
        var task = Sample.AgentTask();

        task.Metadata = new Struct { Fields = { ["k"] = Nested(29) } };
        var created = await client.CreateAgentTaskAsync(task);
        await watch.UntilAsync(1);
        Assert.Equal(created, watch.Events.Single().Change.AgentTask);

        task.Metadata = new Struct { Fields = { ["k"] = Nested(30) } };
        await Refusal.OfFieldsAsync(() => client.CreateAgentTaskAsync(task), "agent_task.metadata");
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(34)]
    [InlineData(100)]
    [InlineData(300)]
    public async Task Data_that_Protobuf_would_not_even_read_Is_refused_by_its_field(int levels)
    {
        using var client = fixture.NewClient();
        Value Nested(int left) => left == 0 ? Value.ForNumber(1) : Value.ForStruct(new Struct { Fields = { ["k"] = Nested(left - 1) } });
        var (deep, id) = (Nested(levels), Guid.NewGuid().ToString());
        var task = Sample.AgentTask();
        task.Metadata = deep.StructValue;
        async Task RefusedAsync(Func<Task> call, string field)
        {
            var refusal = await Refusal.OfFieldsAsync(call, field);
            Assert.Equal("is nested deeper than 30 levels", refusal.FieldViolations.Single().Description);
        }

        await RefusedAsync(() => client.CreateAgentTaskAsync(task), "agent_task.metadata");
        var batch = new BatchCreateAgentTasksRequest { AgentTasks = { Sample.AgentTask(), task } };
        await RefusedAsync(() => client.AgentTasks.BatchCreateAgentTasksAsync(batch).ResponseAsync, "agent_tasks[1].metadata");
        var update = new UpdateAgentTaskRequest { AgentTask = new() { Id = id, Metadata = task.Metadata } };
        await RefusedAsync(() => client.AgentTasks.UpdateAgentTaskAsync(update).ResponseAsync, "agent_task.metadata");
        var execution = new TaskExecution { FlowExecutionId = id, TaskName = "fetch", Input = deep };
        await RefusedAsync(() => client.CreateTaskExecutionAsync(execution), "task_execution.input");
        var executions = new BatchCreateTaskExecutionsRequest { TaskExecutions = { execution } };
        await RefusedAsync(
            () => client.TaskExecutions.BatchCreateTaskExecutionsAsync(executions).ResponseAsync, "task_executions[0].input");
        var transition = new TransitionTaskExecutionRequest { Id = id, Status = TaskExecutionStatus.Completed, Output = deep };
        await RefusedAsync(() => client.TaskExecutions.TransitionTaskExecutionAsync(transition).ResponseAsync, "output");
    }

    [Fact]
    public async Task Data_that_nests_without_end_Is_refused_and_costs_no_stack()
    {
        // Built from the inside out, so from the last byte to the first: lists of lists, in a Struct, in the task, in the request.
        var bytes = new List<byte>();
        byte[] around = [0x12, 0x0A, 0xE2, 0x0A];
        foreach (var tag in Enumerable.Repeat<byte[]>([0x32, 0x0A], 100_000).SelectMany(tags => tags).Concat(around.AsEnumerable()))
        {
            var length = bytes.Count;
            var varint = new List<byte>();
            for (; length > 127; length >>= 7)
            {
                varint.Add((byte)(length | 128));
            }

            bytes.AddRange([.. varint.Append((byte)length).Reverse()]);
            bytes.AddRange(tag == 0xE2 ? [1, tag] : [tag]);
        }

        bytes.Reverse();
        using var calls = new RawCalls(fixture.Server.Grpc);
        var answer = await calls.PostAsync("/taskgrpc.v1.AgentTaskService/CreateAgentTask", RawCalls.Frame([.. bytes]));
        Assert.Equal((StatusCode.InvalidArgument, "INVALID_FIELD"), (answer.Code, answer.Reason));
    }

    [Fact]
    public async Task A_long_text_that_is_refused_Does_not_come_back_whole()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();
        // A mask is in the URL over HTTP.
        var length = fixture.IsJson ? 10_000 : 100_000;
        var request = new UpdateAgentTaskRequest
        {
            AgentTask = new() { Id = task.Id },
            UpdateMask = new() { Paths = { new string('x', length), new string('y', length) } }
        };
        var refusal = await Refusal.OfAsync(ErrorReason.InvalidField, () => client.AgentTasks.UpdateAgentTaskAsync(request).ResponseAsync);
        Assert.InRange(refusal.Status.Detail.Length, 1, 1000);
    }

    [Fact]
    public async Task Reasons_and_errors_Are_limited_too()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();
        await Refusal.OfFieldsAsync(() =>
            client.AgentTasks.TransitionAgentTaskAsync(
                new() { Id = task.Id, Status = AgentTaskStatus.Planning, Reason = new string('x', 4097) }).ResponseAsync, "reason");
        await Refusal.OfFieldsAsync(() =>
            client.AgentTasks.TransitionAgentTaskAsync(
                new() { Id = task.Id, Status = AgentTaskStatus.Failed, Error = new string('x', 65_537) }).ResponseAsync, "error");
        await Refusal.OfFieldsAsync(() =>
            client.AgentTasks.ApproveAgentTaskAsync(
                new() { Id = task.Id, Etag = task.Etag, Comment = new string('x', 4097) }).ResponseAsync, "comment");
        var failed = await client.AgentTasks.TransitionAgentTaskAsync(
            new() { Id = task.Id, Status = AgentTaskStatus.Failed, Error = new string('x', 65_536), Reason = new string('x', 4096) });
        Assert.Equal(65_536, failed.LastError.Length);
    }
}
