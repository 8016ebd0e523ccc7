using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>
/// What happens at the same time as the end of a lease: whichever commits first counts, and the log shows which that was.
/// </summary>
public sealed class LeaseRaceTests : IAsyncLifetime
{
    private const int Tasks = 60;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private TestServer? _server;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_heartbeat_that_races_an_expiry_Keeps_the_lease_or_is_told_that_it_is_lost(bool onPostgres)
    {
        var (agent, _) = await StartAsync(onPostgres);
        var leases = await ClaimedAsync(agent);
        // Leases expire after the server has been up for 30 s.
        _time.Advance(TimeSpan.FromSeconds(45));
        var beats = leases.Select(async lease =>
        {
            await Task.Yield();
            return (lease.AgentTask.Id, IsKept: await IsKeptAsync(agent, lease));
        }).ToList();
        _time.Advance(TimeSpan.FromSeconds(17));
        var kept = (await Task.WhenAll(beats)).ToDictionary(beat => beat.Id, beat => beat.IsKept);
        // What was not kept has expired; what was kept has not, for it has another minute.
        var standing = (await agent.Work.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask, PageSize = 1000 })).Leases;
        Assert.All(kept.Where(beat => beat.Value), beat => Assert.Contains(standing, lease => lease.Id == beat.Key));
        await JudgeAsync(agent, task => Assert.Equal(kept[task.Id] ? 0 : 1, task.ExpiredLeases));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_that_races_a_completion_Comes_first_or_is_refused(bool onPostgres)
    {
        var (agent, user) = await StartAsync(onPostgres);
        var leases = await ClaimedAsync(agent);
        var asked = leases.Select(async lease =>
        {
            try
            {
                await user.Work.RequestCancelAsync(new() { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id, Reason = "no need" });
                return (lease.AgentTask.Id, IsFirst: true);
            }
            catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.InvalidTransition)
            {
                return (lease.AgentTask.Id, IsFirst: false);
            }
        });
        var finished = leases.Select(lease => FinishAsync(agent, lease, AgentTaskStatus.Completed));
        var (first, _) = (Task.WhenAll(asked), await Task.WhenAll(finished));
        var isFirst = (await first).ToDictionary(request => request.Id, request => request.IsFirst);
        await JudgeAsync(agent, task =>
        {
            Assert.Equal(AgentTaskStatus.Completed, task.Status);
            Assert.Equal(isFirst[task.Id], task.CancelRequested is not null);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_retry_with_a_pending_cancel_Is_ready_for_a_claim_without_it(bool onPostgres)
    {
        var (agent, user) = await StartAsync(onPostgres);
        var lease = (await ClaimedAsync(agent, 1))[0];
        await user.Work.RequestCancelAsync(new() { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id });
        var failed = await FinishAsync(agent, lease, AgentTaskStatus.Failed);
        Assert.Null(failed.Lease);
        Assert.NotNull(failed.CancelRequested);
        var retried = await user.TransitionAsync(failed, AgentTaskStatus.Queued);
        Assert.Equal((0, 0), (retried.ClaimCount, retried.ExpiredLeases));
        Assert.Null(retried.CancelRequested);
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => FinishAsync(agent, lease, AgentTaskStatus.Canceled));
        var again = Assert.Single((await agent.Work.ClaimNextAsync(Claim(1))).Leases);
        Assert.Equal((lease.AgentTask.Id, 1), (again.AgentTask.Id, again.ClaimCount));
        var beat = await agent.Work.HeartbeatAsync(
            new() { Kind = ResourceKind.AgentTask, Id = again.AgentTask.Id, LeaseToken = again.LeaseToken });
        Assert.Equal(HeartbeatDirective.Continue, beat.Directive);
    }

    private async Task<(TaskGrpcClient Agent, TaskGrpcClient User)> StartAsync(bool onPostgres)
    {
        Assert.SkipWhen(onPostgres && !PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var settings = new Dictionary<string, string?>();
        if (onPostgres)
        {
            var cluster = await SharedPostgres.ClusterAsync();
            settings = cluster.Settings(await cluster.NewDatabaseAsync());
        }

        _server = await TestServer.StartAsync(_folder.Path, _time, settings);
        return (_server.Client("org", "agent-1", "agent"), _server.Client("org"));
    }

    private static ClaimNextRequest Claim(int tasks) => new() { Kind = ResourceKind.AgentTask, Worker = "w1", MaxTasks = tasks };

    private static async Task<IReadOnlyList<Lease>> ClaimedAsync(TaskGrpcClient agent, int count = Tasks)
    {
        var task = Sample.AgentTask();
        (task.ExecutionMode, task.ApprovalPolicy) = (ExecutionMode.Deterministic, ApprovalPolicy.AutoExecute);
        await agent.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(task, count) } });
        var leases = (await agent.Work.ClaimNextAsync(Claim(count))).Leases;
        Assert.Equal(count, leases.Count);
        return leases;
    }

    private static async Task<bool> IsKeptAsync(TaskGrpcClient agent, Lease lease)
    {
        try
        {
            await agent.Work.HeartbeatAsync(
                new() { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id, LeaseToken = lease.LeaseToken });
            return true;
        }
        catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.LeaseLost)
        {
            return false;
        }
    }

    private static async Task<AgentTask> FinishAsync(TaskGrpcClient agent, Lease lease, AgentTaskStatus to)
    {
        var request = Sample.Transition(lease.AgentTask, to);
        request.LeaseToken = lease.LeaseToken;
        return await agent.AgentTasks.TransitionAgentTaskAsync(request);
    }

    private static async Task JudgeAsync(TaskGrpcClient client, Action<AgentTask> check)
    {
        var truth = await GroundTruth.ReadAsync(client, "org");
        Assert.Empty(HistoryChecker.Check(truth, []));
        Assert.Equal(Tasks, truth.Resources.Count);
        Assert.All(truth.Resources.Cast<AgentTask>(), check);
    }
}
