using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Conformance.Tests.AgentTasks;

/// <summary>Tries every pair of statuses in every mode, against the contract's table as written in this test.</summary>
public abstract class AgentTaskLifecycleTests(ServerFixture fixture)
{
    private static readonly AgentTaskStatus[] Statuses =
        [Queued, Planning, AwaitingApproval, Executing, Blocked, Completed, Failed, Canceled];

    private static readonly Dictionary<AgentTaskStatus, AgentTaskStatus[]> Table = new()
    {
        [Queued] = [Planning, AwaitingApproval, Executing, Blocked, Failed, Canceled],
        [Planning] = [Queued, AwaitingApproval, Executing, Blocked, Failed, Canceled],
        [AwaitingApproval] = [Queued, Planning, Canceled],
        [Executing] = [AwaitingApproval, Blocked, Completed, Failed, Canceled],
        [Blocked] = [Queued, Planning, Failed, Canceled],
        [Failed] = [Queued],
        [Completed] = [],
        [Canceled] = [],
    };

    public static TheoryData<ExecutionMode, AgentTaskStatus> ModesAndStatuses
    {
        get
        {
            var data = new TheoryData<ExecutionMode, AgentTaskStatus>();
            foreach (var mode in new[] { ExecutionMode.Deterministic, ExecutionMode.Agentic, ExecutionMode.Hybrid })
            {
                foreach (var status in Statuses.Where(status => mode != ExecutionMode.Deterministic || status != Planning))
                {
                    data.Add(mode, status);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ModesAndStatuses))]
    public async Task Transition_to_every_status_Moves_or_refuses_as_the_table_says(ExecutionMode mode, AgentTaskStatus from)
    {
        using var client = fixture.NewClient();
        foreach (var to in Statuses)
        {
            var task = await ReachAsync(client, mode, from);
            var allowed = Allowed(task).ToArray();
            if (allowed.Contains(to))
            {
                Assert.Equal(to, (await client.TransitionAsync(task, to)).Status);
                continue;
            }

            var refusal = await Refusal.OfAsync(ErrorReason.InvalidTransition, () => client.TransitionAsync(task, to));
            Assert.Equal(Name(from), refusal.Details["from"]);
            Assert.Equal(Name(to), refusal.Details["to"]);
            Assert.Equal(
                allowed.Select(Name).Order(), refusal.Details["allowed"].Split(',', StringSplitOptions.RemoveEmptyEntries).Order());
            Assert.Equal(task, await client.AgentTasks.GetAgentTaskAsync(new GetAgentTaskRequest { Id = task.Id }));
        }
    }

    [Theory]
    [InlineData(Queued)]
    [InlineData(Planning)]
    [InlineData(Executing)]
    public async Task Blocked_Returns_to_where_it_came_from(AgentTaskStatus from)
    {
        using var client = fixture.NewClient();
        var task = await ReachAsync(client, ExecutionMode.Hybrid, from);

        var blocked = await client.TransitionAsync(task, Blocked);
        Assert.Equal(from, blocked.BlockedFrom);
        var back = await client.TransitionAsync(blocked, from);

        Assert.Equal(from, back.Status);
        Assert.False(back.HasBlockedFrom);
    }

    [Fact]
    public async Task Execution_and_completion_Set_their_times_once()
    {
        using var client = fixture.NewClient();
        var executing = await ReachAsync(client, ExecutionMode.Hybrid, Executing);
        Assert.Equal(executing.UpdatedAt, executing.StartedAt);

        var blocked = await client.TransitionAsync(executing, Blocked);
        var again = await client.TransitionAsync(blocked, Executing);
        var completed = await client.TransitionAsync(again, Completed);

        Assert.Equal(executing.StartedAt, completed.StartedAt);
        Assert.Equal(completed.UpdatedAt, completed.CompletedAt);
    }

    [Fact]
    public async Task Failure_and_retry_Keep_the_error_until_completion()
    {
        using var client = fixture.NewClient();
        var failed = await client.TransitionAsync(await ReachAsync(client, ExecutionMode.Hybrid, Executing), Failed);
        Assert.Equal("It did not work.", failed.LastError);
        Assert.NotNull(failed.FailedAt);

        var retried = await client.TransitionAsync(failed, Queued);
        Assert.Equal("It did not work.", retried.LastError);
        Assert.Null(retried.StartedAt);
        Assert.Null(retried.FailedAt);
        Assert.Null(retried.Approval);

        var completed = await client.TransitionAsync(await client.TransitionAsync(retried, Executing), Completed);
        Assert.False(completed.HasLastError);
    }

    [Fact]
    public async Task Transition_to_failed_without_error_Is_refused()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();

        await Refusal.OfFieldsAsync(() =>
            client.AgentTasks.TransitionAgentTaskAsync(new() { Id = task.Id, Status = Failed }).ResponseAsync, "error");
        await Refusal.OfFieldsAsync(() =>
            client.AgentTasks.TransitionAgentTaskAsync(new() { Id = task.Id, Status = Failed, Error = " " }).ResponseAsync, "error");
        await Refusal.OfFieldsAsync(() =>
            client.AgentTasks.TransitionAgentTaskAsync(new() { Id = task.Id, Status = Planning, Error = "x" }).ResponseAsync, "error");
        await Refusal.OfFieldsAsync(() => client.AgentTasks.TransitionAgentTaskAsync(new() { Id = task.Id }).ResponseAsync, "status");
        await Refusal.OfFieldsAsync(() =>
            client.AgentTasks.TransitionAgentTaskAsync(new() { Id = task.Id, Status = (AgentTaskStatus)99 }).ResponseAsync, "status");
    }

    [Fact]
    public async Task Transition_with_another_etag_Is_refused_before_the_table_is_checked()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateAgentTaskAsync();

        var refusal = await Refusal.OfAsync(ErrorReason.EtagMismatch, () => client.TransitionAsync(task, Completed, etag: "stale"));

        Assert.Equal(task.Etag, refusal.Details["current_etag"]);
        Assert.NotEqual(task.Etag, (await client.TransitionAsync(task, Planning, task.Etag)).Etag);
    }

    /// <summary>The moves that the contract's table and modes allow. The tasks are AUTO_EXECUTE, so no move needs an approval.</summary>
    private static IEnumerable<AgentTaskStatus> Allowed(AgentTask task)
    {
        var table = task.Status == Blocked ? Table[Blocked].Append(task.BlockedFrom).Distinct() : Table[task.Status];
        return task.ExecutionMode switch
        {
            ExecutionMode.Deterministic => table.Where(to => to != Planning),
            ExecutionMode.Agentic => table.Where(to =>
                (to != AwaitingApproval || task.Status is Planning or Executing)
                && (to != Executing || task.Status is Planning or AwaitingApproval or Blocked)),
            _ => table,
        };
    }

    private static async Task<AgentTask> ReachAsync(TaskGrpcClient client, ExecutionMode mode, AgentTaskStatus status)
    {
        var sample = Sample.AgentTask();
        sample.ExecutionMode = mode;
        sample.ApprovalPolicy = ApprovalPolicy.AutoExecute;
        var task = await client.CreateAgentTaskAsync(sample);
        AgentTaskStatus[] start = mode == ExecutionMode.Agentic ? [Planning] : [];
        AgentTaskStatus[] path = status switch
        {
            Queued => [],
            Executing or AwaitingApproval => [.. start, status],
            Completed => [.. start, Executing, Completed],
            _ => [status],
        };
        foreach (var step in path)
        {
            task = await client.TransitionAsync(task, step);
        }

        return task;
    }

    private static string Name(AgentTaskStatus status) =>
        AgentTask.Descriptor.FindFieldByName("status").EnumType.FindValueByNumber((int)status).Name;
}
