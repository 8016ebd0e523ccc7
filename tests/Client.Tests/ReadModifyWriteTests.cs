using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>An update with a delegate reads, sends what differs, and starts over when another change came between.</summary>
public sealed class ReadModifyWriteTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    [Fact]
    public async Task Concurrent_increments_All_count()
    {
        const int writers = 8;
        using var client = server.NewClient();
        var task = Sample.AgentTask();
        task.Priority = 0;
        task = await client.CreateAsync(task);

        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => client.UpdateAgentTaskAsync(task.Id, own => own.Priority++)));

        Assert.Equal(writers, (await client.GetAgentTaskAsync(task.Id)).Priority);
    }

    [Fact]
    public async Task Only_the_fields_that_differ_Are_sent()
    {
        using var client = server.NewClient();
        var task = Sample.AgentTask();
        (task.Description, task.DueAt) = ("", Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddYears(200)));
        task.Metadata = new Struct { Fields = { ["a"] = Value.ForNumber(1), ["b"] = Value.ForNumber(2) } };
        task = await client.CreateAsync(task);

        var changed = await client.UpdateAgentTaskAsync(task.Id, own =>
        {
            // Absent is another value than empty.
            own.ClearDescription();
            own.DueAt = null;
            own.Priority = 7;
            own.Metadata = new Struct { Fields = { ["b"] = Value.ForNumber(2), ["a"] = Value.ForNumber(1) } };
        });

        Assert.Equal((false, null, 7), (changed.HasDescription, changed.DueAt, changed.Priority));
        var change = (await client.ListChangesAsync(new() { Ids = { task.Id } }).ToListAsync())[^1].Change;
        Assert.Equal(["updated_at", "etag", "description", "priority", "due_at"], change.ChangedFields.Paths);
    }

    [Fact]
    public async Task Nothing_changed_Means_no_call()
    {
        using var client = server.NewClient();
        var task = await client.CreateAsync(Sample.AgentTask());
        await client.DeleteAsync(task);
        // An update of a deleted task would be RESOURCE_NOT_FOUND.
        Assert.NotNull((await client.UpdateAgentTaskAsync(task.Id, own => own.Title = task.Title)).DeletedAt);
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => client.UpdateAgentTaskAsync(task.Id, own => own.Title = "another"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_attempts_End_at_their_bound(int attempts)
    {
        var organization = server.NewOrganization();
        using var other = server.Server.Client(organization);
        using var client = new TaskGrpcClient(new()
        {
            Address = server.Server.Grpc,
            MaxUpdateAttempts = attempts,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            Metadata = { { "x-organization-id", organization } },
        });
        var task = await other.CreateAsync(Sample.BoardTask());
        var runs = 0;
        void Interrupt(BoardTask own)
        {
            own.Title = $"mine {runs}";
            other.BoardTasks.UpdateBoardTask(new() { BoardTask = new() { Id = own.Id, Description = $"{runs++}" } });
        }

        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => client.UpdateBoardTaskAsync(task.Id, Interrupt));
        Assert.Equal(attempts, runs);

        // The last attempt still counts.
        runs = 0;
        var changed = await client.UpdateBoardTaskAsync(task.Id, own =>
        {
            if (runs < attempts - 1)
            {
                Interrupt(own);
            }
            else
            {
                own.Title = $"won over {own.Description}";
            }
        });
        Assert.StartsWith("won over", changed.Title, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_kind_with_an_Update_Has_it_and_never_changes_another_resource()
    {
        using var client = server.NewClient();
        var agent = await client.CreateAsync(Sample.AgentTask());
        var other = await client.CreateAsync(Sample.AgentTask());
        var monitor = await client.CreateAsync(Sample.MonitorTask());
        Assert.Equal("5", (await client.UpdateMonitorTaskAsync(monitor.TaskId, own => own.ConditionVersion = "5")).ConditionVersion);
        await Refusal.OfAsync(
            ErrorReason.ImmutableField, () => client.UpdateMonitorTaskAsync(monitor.TaskId, own => own.TaskId = other.Id));
        await Refusal.OfAsync(
            ErrorReason.ImmutableField, () => client.UpdateAgentTaskAsync(agent.Id, own => (own.Id, own.Title) = (other.Id, "x")));
        await Refusal.OfAsync(
            ErrorReason.ImmutableField, () => client.UpdateAgentTaskAsync(agent.Id, own => own.Status = AgentTaskStatus.Completed));
        Assert.Equal(other, await client.GetAgentTaskAsync(other.Id));
    }

    [Fact]
    public async Task A_failure_of_the_delegate_and_a_cancellation_End_it()
    {
        using var client = server.NewClient();
        var task = await client.CreateAsync(Sample.AgentTask());
        await Assert.ThrowsAsync<FormatException>(() => client.UpdateAgentTaskAsync(task.Id, _ => throw new FormatException()));
        using var stop = new CancellationTokenSource();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.UpdateAgentTaskAsync(
            task.Id,
            own =>
            {
                own.Title = "another";
                stop.Cancel();
            },
            stop.Token));
        Assert.Equal(stop.Token, cancelled.CancellationToken);
        Assert.Equal(task, await client.GetAgentTaskAsync(task.Id));
    }
}
