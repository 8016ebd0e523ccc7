using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Replicas;

/// <summary>T12: three replicas restart one after another under load, as in an upgrade.</summary>
public sealed class RollingRestartTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Each writer pauses between two calls, so that a starting replica gets some of the two cores.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private static readonly string[] Organizations = ["north", "south", "east", "west"];

    private readonly TemporaryFolder _folder = new();
    private ServerProcess[] _replicas = [];

    public void Dispose()
    {
        Array.ForEach(_replicas, replica => replica.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task Rolling_restarts_under_load_Fail_no_call_and_break_no_invariant()
    {
        var cluster = await SharedPostgres.ClusterAsync();
        var settings = cluster.Settings(await cluster.NewDatabaseAsync());
        _replicas = [.. Enumerable.Range(0, 3).Select(_ => PostgresReplica.On(_folder.Path, settings))];
        await Task.WhenAll(_replicas.Select(replica => replica.StartAsync()));
        await using var balancer = new Balancer([.. _replicas.Select(replica => replica.Address.Port)]);
        TaskGrpcClient Connect(string organization) => new(new TaskGrpcClientOptions
        {
            Address = balancer.Address,
            Metadata = new() { { "x-organization-id", organization }, { "x-actor-id", "anna" } },
        });

        using var workload = new Workload(Organizations, writers: FaultRounds.AreMany ? 16 : 2, watches: FaultRounds.AreMany ? 8 : 3,
            Connect, FaultRounds.AreMany ? 3 * Pace : Pace);
        var idle = await IdleWatchesAsync(_replicas[0], 500);
        var slowest = TimeSpan.Zero;
        foreach (var replica in _replicas)
        {
            await workload.AcknowledgedAsync(50);
            var took = await replica.TerminateAsync();
            slowest = took > slowest ? took : slowest;
            Assert.Equal(0, replica.ExitCode);
            await replica.StartAsync();
        }

        await workload.AcknowledgedAsync(50);
        output.WriteLine($"3 restarts, the slowest shutdown {slowest.TotalSeconds:F1} s: {await workload.CheckAsync(Connect)}");
        Assert.True(workload.Unanswered.Count == 0, string.Join('\n', workload.Unanswered));
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Array.ForEach(idle, watch => watch.Dispose());
    }

    private static async Task<IDisposable[]> IdleWatchesAsync(ServerProcess replica, int count)
    {
        var client = replica.Client("idle");
        return [client,
            .. await Task.WhenAll(Enumerable.Range(0, count)
                .Select(_ => WatchProbe.OpenAsync(client, new WatchRequest { HeartbeatInterval = new() { Seconds = 600 } })))];
    }
}
