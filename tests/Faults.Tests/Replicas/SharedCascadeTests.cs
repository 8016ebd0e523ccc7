using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Replicas;

/// <summary>Replicas share a cascade.</summary>
public sealed class SharedCascadeTests
{
    [Fact]
    public async Task Two_replicas_Take_each_step_once_and_one_goes_on_when_the_other_stops()
    {
        await using var replicas = await PostgresReplicas.StartAsync(2);
        using var first = replicas.Servers[0].Client("org");
        using var second = replicas.Servers[1].Client("org");
        var (flow, executions) = await first.CreateOpenFlowAsync(10_500);
        using var watch = await WatchProbe.OpenAsync(second);
        var before = watch.Last.Revision;
        await first.TransitionAsync(flow, FlowExecutionStatus.Canceled);
        await watch.UntilAsync(before + 3);

        // The replica that began the cascade leaves. The other one finds it at its next interval.
        await replicas.Servers[0].StopAsync();
        await watch.UntilAsync(before + 11);
        var canceled = watch.Events.Select(item => item.Change).Where(change => change.TaskExecution is not null).ToList();
        Assert.Equal(
            [.. Enumerable.Repeat(1000, 10), 500], canceled.GroupBy(change => change.Revision).Select(revision => revision.Count()));
        Assert.Equal(executions.Select(execution => execution.Id).Order(), canceled.Select(change => change.TaskExecution.Id).Order());

        // Nothing is left to any replica.
        Assert.Equal(0L,
            await replicas.Cluster.ExecuteAsync(
                "SELECT (SELECT count(*) FROM schedule) + (SELECT count(*) FROM cascades)", replicas.Database));
    }

    [Fact]
    public async Task Steps_at_two_replicas_at_once_Change_each_resource_once()
    {
        await using var replicas = await PostgresReplicas.StartAsync(2);
        using var client = replicas.Servers[0].Client("org");
        var (flow, executions) = await client.CreateOpenFlowAsync(4_500);
        using var watch = await WatchProbe.OpenAsync(client);
        var before = watch.Last.Revision;
        // Without reservations both replicas fire the same row.
        await replicas.Cluster.ExecuteAsync(
            """
            CREATE FUNCTION unreserved() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.reserved_by := NULL; NEW.reserved_until := NULL; RETURN NEW; END $$;
            CREATE TRIGGER unreserved BEFORE UPDATE ON schedule FOR EACH ROW EXECUTE FUNCTION unreserved()
            """,
            replicas.Database);
        await client.TransitionAsync(flow, FlowExecutionStatus.Canceled);
        await watch.UntilAsync(before + 5);
        var canceled = watch.Events.Select(item => item.Change).Where(change => change.TaskExecution is not null).ToList();
        Assert.Equal(executions.Select(execution => execution.Id).Order(), canceled.Select(change => change.TaskExecution.Id).Order());
        Assert.Equal([1000, 1000, 1000, 1000, 500], canceled.GroupBy(change => change.Revision).Select(revision => revision.Count()));
    }
}
