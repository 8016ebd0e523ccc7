using TaskGrpc.Faults.Tests.History;
using TaskGrpc.Server.Faults;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>The server dies in the middle of a cascade, and the next one goes on with it.</summary>
public sealed class CascadeKillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, FaultPoint.BeforeCommit)]
    [InlineData(false, FaultPoint.AfterCommit)]
    [InlineData(true, FaultPoint.AfterCommit)]
    public async Task Killed_at_its_second_step_A_cascade_goes_on_with_its_actor_and_reason(bool onPostgres, string faultPoint)
    {
        Assert.SkipWhen(onPostgres && !PostgresCluster.IsInstalled, PostgresCluster.Missing);
        Dictionary<string, string> settings = [];
        if (onPostgres)
        {
            var cluster = await SharedPostgres.ClusterAsync();
            foreach (var (key, value) in cluster.Settings(await cluster.NewDatabaseAsync()))
            {
                settings[key.Replace(":", "__", StringComparison.Ordinal)] = value!;
            }
        }

        using var server = new ServerProcess(_folder.Path, settings: settings);
        // Five commits create the flow, and the sixth cancels it; the second commit after that is the cascade's second step.
        await server.StartAsync($"{faultPoint}:7");
        using (var client = server.Client("org", "robot"))
        {
            var (flow, _) = await client.CreateOpenFlowAsync(3500);
            await client.FlowExecutions.TransitionFlowExecutionAsync(
                new() { Id = flow.Id, Status = FlowExecutionStatus.Canceled, Reason = "too late" });
            await server.ExitedAsync();
        }

        await server.StartAsync();
        using var after = server.Client("org", maxAttempts: 5);
        using var watch = await WatchProbe.OpenAsync(after, new WatchRequest { AfterRevision = 5 });
        await watch.UntilAsync(9);
        var canceled = watch.Events.Select(item => item.Change).Where(change => change.TaskExecution is not null).ToList();
        Assert.Equal([1000, 1000, 1000, 500], canceled.GroupBy(change => change.Revision).Select(revision => revision.Count()));
        Assert.Equal(3500, canceled.Select(change => change.TaskExecution.Id).Distinct().Count());
        Assert.All(canceled, change => Assert.Equal(
            (TaskExecutionStatus.Canceled, "robot", "too late", "robot"),
            (change.TaskExecution.Status, change.Actor.Id, change.Reason, change.TaskExecution.LastModifiedBy)));
        Assert.Empty(HistoryChecker.Check(await GroundTruth.ReadAsync(after, "org"), []));
    }
}
