using CsCheck;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Calls;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>
/// The server cuts callers' timestamps to microseconds when it stores them, so filters and sorting use the value that is shown.
/// </summary>
public abstract class MomentTests(ServerFixture fixture)
{
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;

    private static readonly Gen<Timestamp> Moments = Gen.Select(
        Gen.OneOf(Gen.Const(FirstSecond), Gen.Const(LastSecond), Gen.Const(-1L), Gen.Const(0L), Gen.Long[FirstSecond, LastSecond]),
        Gen.OneOf(Gen.Const(0), Gen.Const(1), Gen.Const(999), Gen.Const(1000), Gen.Const(999_999_999), Gen.Int[0, 999_999_999]),
        (seconds, nanos) => new Timestamp { Seconds = seconds, Nanos = nanos });

    [Theory]
    [InlineData(FirstSecond, 0)]
    [InlineData(FirstSecond, 999)]
    [InlineData(-1, 123_456_789)]
    [InlineData(-1, 999_999_999)]
    [InlineData(0, 999)]
    [InlineData(1_900_000_000, 123_456_789)]
    [InlineData(LastSecond, 999_999_999)]
    public async Task A_due_date_Is_cut_towards_the_past_and_found_as_it_is_shown(long seconds, int nanos)
    {
        using var client = fixture.NewClient();
        var cut = new Timestamp { Seconds = seconds, Nanos = nanos - (nanos % 1000) };
        var preview = await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Due(seconds, nanos), ValidateOnly = true });
        var created = await client.CreateAgentTaskAsync(Due(seconds, nanos));

        Assert.Equal((cut, cut), (preview.DueAt, created.DueAt));
        Assert.Equal(created, await client.AgentTasks.GetAgentTaskAsync(new() { Id = created.Id }));
        Assert.Equal(
            created, Assert.Single(await client.ListAgentTasksAsync(new() { Filter = $"due_at = {created.DueAt}" }).ToListAsync()));
        Assert.Empty(await client.ListAgentTasksAsync(new() { Filter = $"due_at != {created.DueAt}" }).ToListAsync());
        var batch = await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Due(seconds, nanos) } });
        Assert.Equal(cut, Assert.Single(batch.AgentTasks).DueAt);
    }

    [Fact]
    public async Task An_update_with_only_a_nanosecond_between_Changes_nothing()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync(Due(-5, 1000));

        foreach (var mask in new[] { null, new FieldMask { Paths = { "due_at" } } })
        {
            var same = await client.AgentTasks.UpdateAgentTaskAsync(
                new() { AgentTask = new() { Id = task.Id, DueAt = new() { Seconds = -5, Nanos = 1999 } }, UpdateMask = mask });
            Assert.Equal(task, same);
        }

        var changed = await client.AgentTasks.UpdateAgentTaskAsync(
            new() { AgentTask = new() { Id = task.Id, DueAt = new() { Seconds = -5, Nanos = 2001 } } });
        Assert.Equal((2000, 2L), (changed.DueAt.Nanos, (await client.AgentTasks.ListAgentTasksAsync(new())).Revision));
    }

    [Fact]
    public async Task Random_due_dates_Are_listed_and_watched_in_the_order_that_is_shown()
    {
        using var client = fixture.NewClient();
        var moments = Moments.Array[60].Single();
        await client.AgentTasks.BatchCreateAgentTasksAsync(
            new() { AgentTasks = { moments.Select(moment => Due(moment.Seconds, moment.Nanos)) } });

        var listed = await client.ListAgentTasksAsync(new() { OrderBy = "due_at", PageSize = 7 }).Select(task => task.DueAt).ToListAsync();
        Assert.Equal(
            moments.Select(moment => new Timestamp { Seconds = moment.Seconds, Nanos = moment.Nanos / 1000 * 1000 }).Order(), listed);
        foreach (var middle in new[] { listed[0], listed[30], listed[^1] })
        {
            var filter = $"due_at <= {middle}";
            var expected = listed.Count(moment => moment <= middle);
            Assert.Equal(expected, await client.ListAgentTasksAsync(new() { Filter = filter }).CountAsync());
            using var watch = await WatchProbe.OpenAsync(
                client, new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = filter, AfterRevision = 0 });
            await watch.UntilAsync(1);
            Assert.Equal(expected, watch.Events.Count());
        }
    }

    [Fact]
    public async Task A_trigger_s_moment_Is_cut_in_the_task_and_in_the_alert()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        var delivery = await client.MonitorTasks.TriggerMonitorTaskAsync(
            new() { TaskId = task.TaskId, TriggerKey = "k", TriggeredAt = new() { Seconds = -1, Nanos = 123_456_789 } });

        var triggered = await client.MonitorTasks.GetMonitorTaskAsync(new() { TaskId = task.TaskId });
        Assert.Equal(new Timestamp { Seconds = -1, Nanos = 123_456_000 }, triggered.LastTriggeredAt);
        Assert.Equal("1969-12-31T23:59:59.123456Z", delivery.Payload.Fields["time"].StringValue);
        Assert.Equal(
            1, await client.ListMonitorTasksAsync(new() { Filter = "last_triggered_at = \"1969-12-31T23:59:59.123456Z\"" }).CountAsync());
    }

    [Fact]
    public async Task A_time_before_which_work_is_not_ready_Is_cut_wherever_it_is_sent()
    {
        using var client = fixture.NewClient();
        var sent = new Timestamp { Seconds = LastSecond, Nanos = 123_456_789 };
        var cut = new Timestamp { Seconds = LastSecond, Nanos = 123_456_000 };
        var board = Sample.BoardTask();
        board.NotBefore = sent;
        Assert.Equal(cut, (await client.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = board })).NotBefore);
        var agent = Sample.AgentTask();
        agent.NotBefore = sent;
        Assert.Equal(cut, (await client.CreateAgentTaskAsync(agent)).NotBefore);
        await client.CreateAgentTaskAsync(Sample.AgentTask());
        var lease = Assert.Single((await client.Work.ClaimNextAsync(new() { Kind = ResourceKind.AgentTask, Worker = "w" })).Leases);
        var released = await client.Work.ReleaseAsync(
            new() { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id, LeaseToken = lease.LeaseToken, NotBefore = sent });
        Assert.Equal(cut, released.AgentTask.NotBefore);
    }

    [Fact]
    public void Every_moment_that_a_caller_can_send_Is_covered_here()
    {
        var sent = ServedContract.Services.SelectMany(service => service.Methods).SelectMany(method => Sent(method.InputType, []))
            .Distinct().Order();
        Assert.Equal(
            ["taskgrpc.v1.AgentTask.due_at", "taskgrpc.v1.AgentTask.not_before", "taskgrpc.v1.BoardTask.not_before",
                "taskgrpc.v1.ReleaseRequest.not_before", "taskgrpc.v1.TriggerMonitorTaskRequest.triggered_at"],
            sent);
    }

    private static IEnumerable<string> Sent(MessageDescriptor message, HashSet<MessageDescriptor> seen) =>
        !seen.Add(message) ? [] : message.Fields.InFieldNumberOrder()
        .Where(field =>
            field.FieldType == FieldType.Message
            && field.GetOptions()?.GetExtension(Google.Api.FieldBehaviorExtensions.FieldBehavior)?.Contains(
                Google.Api.FieldBehavior.OutputOnly) != true)
        .SelectMany(field => field.MessageType == Timestamp.Descriptor ? [field.FullName] : Sent(field.MessageType, seen));

    private static AgentTask Due(long seconds, int nanos)
    {
        var task = Sample.AgentTask();
        task.DueAt = new() { Seconds = seconds, Nanos = nanos };
        return task;
    }
}
