using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Replicas;

/// <summary>Every kind of database outage, and the recovery from it.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private static readonly string[] Organizations = ["north", "south"];

    [Fact]
    public async Task T13_Without_hints_a_watch_Lives_on_by_the_poll()
    {
        await using var replicas = await PostgresReplicas.StartAsync(2);
        using var writer = replicas.Servers[0].Client("org");
        using var watch = await WatchProbe.OpenAsync(replicas.Servers[1].Client("org"), new WatchRequest { AfterRevision = 0 });
        await using var killer = await replicas.Cluster.OpenAsync(replicas.Database);
        var killed = 0L;
        for (var revision = 1; revision <= 10; revision++)
        {
            await using (
                var kill = new NpgsqlCommand(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                    + "pg_backend_pid() AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%')", killer))
            {
                killed += (long)(await kill.ExecuteScalarAsync())!;
            }

            await writer.CreateBoardTaskAsync();
            var began = TimeProvider.System.GetTimestamp();
            await watch.UntilAsync(revision);
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(3));
        }

        output.WriteLine($"{killed} connections for hints were killed.");
        Assert.True(killed >= 10);
    }

    [Fact]
    public async Task T14_A_replica_that_is_cut_off_Reports_it_and_claims_no_progress()
    {
        await using var replicas = await PostgresReplicas.StartAsync(2);
        var (cut, whole) = (replicas.Servers[0], replicas.Servers[1]);
        using var writer = whole.Client("org");
        await writer.CreateBoardTaskAsync();
        using var watch = await WatchProbe.OpenAsync(
            cut.Client("org"), new WatchRequest { AfterRevision = 0, HeartbeatInterval = new() { Seconds = 1 } });
        await watch.UntilAsync(1);
        using var http = new HttpClient { BaseAddress = cut.Http };
        Assert.Equal(HttpStatusCode.OK, await ReadyAsync(http));

        replicas.Links[0].HoldUp();
        await writer.CreateBoardTaskAsync();
        while (await ReadyAsync(http) == HttpStatusCode.OK)
        {
            // One heartbeat a second; no heartbeat is ahead of what the watch has sent.
            Assert.Equal(1, (await watch.NextAsync()).Revision);
        }

        Assert.Equal(HttpStatusCode.OK,
            (await new HttpClient { BaseAddress = whole.Http }.GetAsync(new Uri("/readyz", UriKind.Relative))).StatusCode);
        replicas.Links[0].LetGo();
        await watch.UntilAsync(2);
        while (await ReadyAsync(http) != HttpStatusCode.OK)
        {
            await watch.NextAsync();
        }

        using var client = cut.Client("org", maxAttempts: 5);
        await client.CreateBoardTaskAsync();
        await watch.UntilAsync(3);
    }

    [Fact]
    public async Task T15_Crashes_of_the_database_Lose_and_double_nothing()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var rounds = FaultRounds.Or(2);
        await using var cluster = await PostgresCluster.StartAsync();
        await using var replicas = await PostgresReplicas.StartAsync(2, cluster);
        var next = 0;
        using var workload = new Workload(Organizations, writers: 4, watches: 2,
            organization => replicas.Servers[Interlocked.Increment(ref next) % 2].Client(organization, maxAttempts: 5));
        for (var round = 0; round < rounds; round++)
        {
            await workload.AcknowledgedAsync(150);
            await cluster.CrashAsync();
            await cluster.ResumeAsync();
        }

        output.WriteLine(
            $"{rounds} crashes: {await workload.CheckAsync(organization => replicas.Servers[0].Client(organization, maxAttempts: 5))}");
    }

    [Fact]
    public async Task Connections_cut_at_any_byte_Lose_and_double_nothing_even_without_a_request_id()
    {
        await using var replicas = await PostgresReplicas.StartAsync(1);
        var random = new Random(5);
        var isStarted = false;
        // A proxy to the database that cuts each connection after a random number of bytes, also within a commit.
        await using var cutting = new CuttingProxy(new Uri($"http://127.0.0.1:{replicas.Cluster.Port}"),
            () => Volatile.Read(ref isStarted) ? random.Next(5_000, 25_000) : 200_000);
        var server = await replicas.AddAsync(
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:Tasks"] = replicas.Cluster.ConnectionString(replicas.Database, cutting.Address.Port)
            });
        Volatile.Write(ref isStarted, true);
        // The generated stub without request ids: only the server's own search can find the outcome of a commit.
        using var channel = GrpcChannel.ForAddress(server.Grpc);
        var client = new AgentTaskService.AgentTaskServiceClient(channel);
        var (answered, unknown) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            // How many bytes a call takes depends on how many calls share its commit, so repeat until enough cuts have happened.
            for (var i = 0; i < 30 || (cutting.Cuts < 10 && i < 1000); i++)
            {
                try
                {
                    await client.CreateAgentTaskAsync(
                        new() { AgentTask = Sample.AgentTask($"{worker}-{i}") }, new Metadata { { "x-organization-id", "org" } });
                    Interlocked.Increment(ref answered);
                }
                catch (RpcException refusal) when (refusal.StatusCode == StatusCode.Unavailable)
                {
                    Interlocked.Increment(ref unknown);
                }
            }
        }));

        using var reader = replicas.Servers[0].Client("org");
        var log = await reader.ListChangesAsync(new() { PageSize = 1000 }).ToListAsync();
        output.WriteLine($"{cutting.Cuts} cuts, {answered} calls answered, {unknown} not, {log.Count} changes.");
        Assert.True(cutting.Cuts >= 10);
        Assert.InRange(log.Count, answered, answered + unknown);
        Assert.Equal(log.Count, log.Select(item => item.Change.AgentTask.Title).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, log.Count).Select(revision => (long)revision), log.Select(item => item.Change.Revision));
    }

    [Fact]
    public async Task T18_A_foreign_transaction_and_a_dump_Hold_up_no_watch()
    {
        await using var replicas = await PostgresReplicas.StartAsync(2);
        using var writer = replicas.Servers[0].Client("org");
        using var watch = await WatchProbe.OpenAsync(replicas.Servers[1].Client("org"), new WatchRequest { AfterRevision = 0 });
        await writer.CreateBoardTaskAsync();
        await watch.UntilAsync(1);

        // One transaction that has written, and one with a snapshot of everything, like a dump; both stay open.
        await using var foreign = await replicas.Cluster.OpenAsync(replicas.Database);
        await using var dump = await replicas.Cluster.OpenAsync(replicas.Database);
        await using (
            var write = new NpgsqlCommand(
                "BEGIN; CREATE TABLE foreign_work (id int); INSERT INTO foreign_work VALUES (1); SELECT txid_current()", foreign))
        {
            await write.ExecuteNonQueryAsync();
        }

        await using (
            var read = new NpgsqlCommand(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; LOCK TABLE changes, organizations, board_tasks IN ACCESS SHARE MODE; "
                + "SELECT count(*) FROM changes", dump))
        {
            await read.ExecuteNonQueryAsync();
        }

        var slowest = TimeSpan.Zero;
        for (var revision = 2; revision <= 40; revision++)
        {
            var began = TimeProvider.System.GetTimestamp();
            await writer.CreateBoardTaskAsync();
            await watch.UntilAsync(revision);
            var took = TimeProvider.System.GetElapsedTime(began);
            slowest = took > slowest ? took : slowest;
        }

        output.WriteLine($"The slowest of 39 changes took {slowest.TotalMilliseconds:F0} ms from the call to the other replica's watch.");
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    private static async Task<HttpStatusCode> ReadyAsync(HttpClient http) =>
        (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).StatusCode;
}
