using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>T16 for leases: the primary dies in the middle of expiries, and a synchronous standby takes its place.</summary>
public sealed class PromotionTests
{
    /// <summary>Half of them have the longer leases.</summary>
    private const int Tasks = 40;

    [Fact]
    public async Task A_promotion_in_the_middle_of_expiries_Changes_each_task_once()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        await using var primary = await PostgresCluster.StartAsync();
        await using var standby = await primary.SynchronousStandbyAsync();
        await using var replicas = await PostgresReplicas.StartAsync(2, primary);
        // Each expiry takes a while, so that the primary dies in one.
        await primary.ExecuteAsync(
            """
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.03); RETURN NEW; END $$;
            CREATE TRIGGER slow BEFORE UPDATE ON agent_tasks FOR EACH ROW WHEN (NEW.expired_leases > OLD.expired_leases)
            EXECUTE FUNCTION slow()
            """,
            replicas.Database);
        using var agent = replicas.Servers[0].Client("org", "agent-1", "agent", maxAttempts: 10);
        await agent.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), Tasks) } });
        IReadOnlyList<Lease> leases = [.. await ClaimAsync(agent, seconds: 5), .. await ClaimAsync(agent, seconds: 7)];
        Assert.Equal(Tasks, leases.Count);

        // Some leases have expired, and an expiry is not yet committed.
        using (var watch = await WatchProbe.OpenAsync(agent, new WatchRequest { AfterRevision = leases[^1].LeaseRevision }))
        {
            while (!watch.Events.Any())
            {
                await watch.NextAsync();
            }
        }

        await primary.UntilAsync("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
        await primary.CrashAsync();
        await standby.TakeOverAsync();
        foreach (var link in replicas.Links)
        {
            link.MoveTo(standby.Port);
        }

        // A busy machine that makes the servers pause gives the holders more time.
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while ((await agent.Work.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask })).Leases.Count > 0)
        {
            Assert.False(late.IsCancellationRequested, "The leases have not expired.");
            await BackOff.WaitAsync();
        }

        var truth = await GroundTruth.ReadAsync(agent, "org");
        Assert.Empty(HistoryChecker.Check(truth, []));
        Assert.Equal(leases.Select(lease => lease.AgentTask.Id).Order(),
            truth.Log.Where(change => change.Actor.Type == ActorType.System).Select(change => change.AgentTask.Id).Order());
        Assert.All(truth.Resources.Cast<AgentTask>(), task => Assert.Equal((1, null), (task.ExpiredLeases, task.Lease)));
    }

    private static async Task<IReadOnlyList<Lease>> ClaimAsync(TaskGrpcClient agent, int seconds) => (await agent.Work.ClaimNextAsync(new()
    {
        Kind = ResourceKind.AgentTask,
        Worker = "w1",
        MaxTasks = Tasks / 2,
        LeaseDuration = Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds)),
    })).Leases;
}
