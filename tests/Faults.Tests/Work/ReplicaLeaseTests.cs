using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>T30 and outages: leases while replicas fire the same times, a replica is frozen, and the database is away.</summary>
public sealed class ReplicaLeaseTests : IDisposable
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(5);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Replicas_that_fire_one_expiry_Change_the_task_once()
    {
        const int tasks = 80;
        await using var replicas = await PostgresReplicas.StartAsync(2);
        using var agent = replicas.Servers[0].Client("org", "agent-1", "agent");
        var leases = await ClaimedAsync(agent, tasks);
        await UntilNobodyHoldsAsync(agent);
        var truth = await GroundTruth.ReadAsync(agent, "org");
        Assert.Empty(HistoryChecker.Check(truth, []));
        Assert.Equal(leases.Select(lease => lease.AgentTask.Id).Order(),
            truth.Log.Where(change => change.Actor.Type == ActorType.System).Select(change => change.AgentTask.Id).Order());
    }

    [Fact]
    public async Task A_replica_frozen_for_longer_than_a_lease_Ends_none_that_is_heard_elsewhere()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var settings = cluster.Settings(await cluster.NewDatabaseAsync());
        using var frozen = PostgresReplica.On(_folder.Path, settings);
        using var other = PostgresReplica.On(_folder.Path, settings);
        await frozen.StartAsync();
        await other.StartAsync();
        using var there = frozen.Client("org", "agent-1", type: "agent");
        using var here = other.Client("org", "agent-1", maxAttempts: 5, type: "agent");
        var leases = await ClaimedAsync(there, 20);

        // 1. Half of the holders are heard by the other replica, for longer than a lease.
        await frozen.FreezeAsync();
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < LeaseDuration * 1.8)
        {
            await BeatAsync(here, leases.Take(10));
        }

        // 2. The replica comes back with an old view of time. What it still believes is due has been extended or has ended.
        await frozen.ThawAsync();
        var marker = await there.CreateAgentTaskAsync(Sample.AgentTask("after the thaw"));
        await BeatAsync(there, leases.Take(10));
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await here.Work.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask, PageSize = 1000 })).Leases.Count > 10)
        {
            Assert.False(late.IsCancellationRequested, "The leases of the silent holders have not expired.");
            await BeatAsync(here, leases.Take(10));
        }

        foreach (var lease in leases.Take(10))
        {
            await FinishAsync(there, lease);
        }

        foreach (var lease in leases.Skip(10))
        {
            await Refusal.OfAsync(ErrorReason.LeaseLost, () => FinishAsync(there, lease));
        }

        var truth = await GroundTruth.ReadAsync(here, "org");
        Assert.Empty(HistoryChecker.Check(truth, []));
        Assert.Contains(truth.Resources, task => task.Id == marker.Id);
        Assert.Equal(leases.Skip(10).Select(lease => lease.AgentTask.Id).Order(),
            truth.Log.Where(change => change.Actor.Type == ActorType.System).Select(change => change.AgentTask.Id).Order());
    }

    [Fact]
    public async Task An_outage_longer_than_every_lease_Ends_none_before_its_holder_can_be_heard()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        await using var cluster = await PostgresCluster.StartAsync();
        await using var replicas = await PostgresReplicas.StartAsync(2, cluster);
        using var agent = replicas.Servers[0].Client("org", "agent-1", "agent", maxAttempts: 10);
        var leases = await ClaimedAsync(agent, 20);
        await cluster.CrashAsync();
        while (leases.Any(lease => lease.ExpiresAt.ToDateTimeOffset() + LeaseDuration > TimeProvider.System.GetUtcNow()))
        {
            await BackOff.WaitAsync();
        }

        var back = TimeProvider.System.GetUtcNow();
        await cluster.ResumeAsync();
        // Half of the holders are there again at once; each still holds its lease.
        await BeatAsync(agent, leases.Take(10));
        foreach (var lease in leases.Take(10))
        {
            await FinishAsync(agent, lease);
        }

        await UntilNobodyHoldsAsync(agent);
        var truth = await GroundTruth.ReadAsync(agent, "org");
        Assert.Empty(HistoryChecker.Check(truth, []));
        var expired = truth.Log.Where(change => change.Actor.Type == ActorType.System).ToList();
        Assert.Equal(leases.Skip(10).Select(lease => lease.AgentTask.Id).Order(), expired.Select(change => change.AgentTask.Id).Order());
        Assert.All(expired, change => Assert.True(change.ChangedAt.ToDateTimeOffset() >= back + LeaseDuration,
            $"A lease expired {(change.ChangedAt.ToDateTimeOffset() - back).TotalSeconds:F1} s after the outage."));
    }

    private static async Task<IReadOnlyList<Lease>> ClaimedAsync(TaskGrpcClient agent, int count)
    {
        var task = Sample.AgentTask();
        (task.ExecutionMode, task.ApprovalPolicy) = (ExecutionMode.Deterministic, ApprovalPolicy.AutoExecute);
        await agent.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(task, count) } });
        var leases = (await agent.Work.ClaimNextAsync(new()
        {
            Kind = ResourceKind.AgentTask,
            Worker = "w1",
            MaxTasks = count,
            LeaseDuration = Duration.FromTimeSpan(LeaseDuration),
        })).Leases;
        Assert.Equal(count, leases.Count);
        return leases;
    }

    private static async Task BeatAsync(TaskGrpcClient agent, IEnumerable<Lease> leases) => await Task.WhenAll(leases.Select(lease =>
        agent.Work.HeartbeatAsync(
            new() { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id, LeaseToken = lease.LeaseToken }).ResponseAsync));

    private static async Task FinishAsync(TaskGrpcClient agent, Lease lease) => await agent.AgentTasks.TransitionAgentTaskAsync(
        new() { Id = lease.AgentTask.Id, Status = AgentTaskStatus.Completed, LeaseToken = lease.LeaseToken });

    private static async Task UntilNobodyHoldsAsync(TaskGrpcClient client)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await client.Work.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask })).Leases.Count > 0)
        {
            Assert.False(late.IsCancellationRequested, "The leases have not expired.");
            await BackOff.WaitAsync();
        }
    }
}
