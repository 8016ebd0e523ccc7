using System.Net;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Replicas;

/// <summary>
/// A connection string with several hosts finds the host that accepts writes, and /readyz is 200 only if a commit would succeed.
/// </summary>
public sealed class SeveralHostsTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(";Target Session Attributes=read-write")]
    public async Task A_primary_that_turned_read_only_Is_left_for_the_one_that_was_promoted(string target)
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        await using var primary = await PostgresCluster.StartAsync();
        await using var standby = await primary.StandbyAsync("standby");
        var settings = Settings(primary, standby, await primary.NewDatabaseAsync(), target);
        await using var server = await TestServer.StartAsync(_folder.Path, settings: settings);
        await using var other = await TestServer.StartAsync(_folder.Path, settings: settings);
        using var client = server.Client("org", maxAttempts: 5);
        using var watch = await WatchProbe.OpenAsync(other.Client("org"), new WatchRequest { AfterRevision = 0 });
        using var http = new HttpClient { BaseAddress = server.Http };
        await client.CreateBoardTaskAsync(Sample.BoardTask("before"));
        await watch.UntilAsync(1);
        await StreamedAsync(primary, standby);

        await primary.ExecuteAsync("ALTER SYSTEM SET default_transaction_read_only = on");
        await primary.ExecuteAsync("SELECT pg_reload_conf()");
        var notReady = await http.UntilReadyAsync(HttpStatusCode.ServiceUnavailable);
        await standby.PromoteAsync();
        var began = TimeProvider.System.GetTimestamp();
        await UntilTakenAsync(() => client.CreateBoardTaskAsync(Sample.BoardTask("after")));
        output.WriteLine(
            $"Not ready after {notReady.TotalSeconds:F1} s; a commit {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F1} s after "
            + "the promotion.");
        await http.UntilReadyAsync(HttpStatusCode.OK);
        await watch.UntilAsync(2);
        using var elsewhere = other.Client("org", maxAttempts: 5);
        await elsewhere.CreateBoardTaskAsync(Sample.BoardTask("elsewhere"));
        foreach (var reader in new[] { client, elsewhere })
        {
            Assert.Equal(["before", "after", "elsewhere"],
                (await reader.BoardTasks.ListBoardTasksAsync(new() { OrderBy = "created_at" })).BoardTasks.Select(task => task.Title));
        }
    }

    [Fact]
    public async Task A_standby_that_was_met_before_its_promotion_Is_used_within_two_seconds_after_it()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        await using var primary = await PostgresCluster.StartAsync();
        await using var standby = await primary.StandbyAsync("standby");
        await using var server =
            await TestServer.StartAsync(_folder.Path, settings: Settings(primary, standby, await primary.NewDatabaseAsync(), ""));
        using var client = server.Client("org");
        await client.CreateBoardTaskAsync(Sample.BoardTask("before"));
        await StreamedAsync(primary, standby);
        await primary.CrashAsync();
        // The server searches for the primary now, and finds a standby.
        for (var i = 0; i < 20; i++)
        {
            await Refusal.OfAsync(ErrorReason.StorageUnavailable, () => client.CreateBoardTaskAsync());
            await BackOff.WaitAsync();
        }

        await standby.PromoteAsync();
        var began = TimeProvider.System.GetTimestamp();
        await UntilTakenAsync(() => client.CreateBoardTaskAsync(Sample.BoardTask("after")));
        var took = TimeProvider.System.GetElapsedTime(began);
        output.WriteLine($"{took.TotalSeconds:F2} s after the promotion.");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Rights_that_are_taken_away_Make_a_replica_not_ready_until_they_are_back()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var database = await cluster.NewDatabaseAsync();
        await using var server = await TestServer.StartAsync(_folder.Path, settings: cluster.Settings(database));
        using var client = server.Client("org");
        using var http = new HttpClient { BaseAddress = server.Http };
        await client.CreateBoardTaskAsync();
        await cluster.ExecuteAsync("REVOKE INSERT ON changes FROM taskgrpc", database);
        await Refusal.OfAsync(ErrorReason.StorageUnavailable, () => client.CreateBoardTaskAsync());
        Assert.Single(await client.ListBoardTasksAsync(new()).ToListAsync());
        await http.UntilReadyAsync(HttpStatusCode.ServiceUnavailable);
        await cluster.ExecuteAsync("GRANT INSERT ON changes TO taskgrpc", database);
        await http.UntilReadyAsync(HttpStatusCode.OK);
        await client.CreateBoardTaskAsync();
    }

    [Fact]
    public async Task Row_level_security_at_another_replica_Hides_no_rows_but_refuses()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var settings = cluster.Settings(await cluster.NewDatabaseAsync());
        await using var plain = await TestServer.StartAsync(_folder.Path, settings: settings);
        using var client = plain.Client("org");
        using var http = new HttpClient { BaseAddress = plain.Http };
        var task = await client.CreateBoardTaskAsync();
        using var watch =
            await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 1, HeartbeatInterval = new() { Seconds = 1 } });

        settings["Storage:RowLevelSecurity"] = "true";
        await using var secured = await TestServer.StartAsync(_folder.Path, settings: settings);
        await Refusal.OfAsync(ErrorReason.StorageUnavailable, () => client.BoardTasks.ListBoardTasksAsync(new()).ResponseAsync);
        await Refusal.OfAsync(
            ErrorReason.StorageUnavailable, () => client.BoardTasks.GetBoardTaskAsync(new() { Id = task.Id }).ResponseAsync);
        await Refusal.OfAsync(ErrorReason.StorageUnavailable, () => client.Changes.ListChangesAsync(new()).ResponseAsync);
        await Refusal.OfAsync(ErrorReason.StorageUnavailable, () => client.CreateBoardTaskAsync());
        Assert.InRange(await http.UntilReadyAsync(HttpStatusCode.ServiceUnavailable), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        using var other = secured.Client("org");
        Assert.Equal(task, Assert.Single(await other.ListBoardTasksAsync(new()).ToListAsync()));
        await other.CreateBoardTaskAsync();
        // Heartbeats continue and claim no progress.
        Assert.Equal(1, (await watch.NextAsync()).Revision);
    }

    private static Dictionary<string, string?> Settings(PostgresCluster primary, PostgresCluster standby, string database, string target)
    {
        var settings = primary.Settings(database);
        settings["ConnectionStrings:Tasks"] =
            $"Host=127.0.0.1:{primary.Port},127.0.0.1:{standby.Port};Database={database};Username=taskgrpc{target}";
        return settings;
    }

    private static async Task StreamedAsync(PostgresCluster primary, PostgresCluster standby)
    {
        var written = await primary.ExecuteAsync("SELECT pg_current_wal_lsn()::text");
        while (await standby.ExecuteAsync($"SELECT pg_last_wal_replay_lsn() >= '{written}'") is not true)
        {
            await BackOff.WaitAsync();
        }
    }

    private static async Task UntilTakenAsync(Func<Task> call)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (Client.TaskGrpcException refusal) when (refusal.Reason == ErrorReason.StorageUnavailable
                && !late.IsCancellationRequested)
            {
                await BackOff.WaitAsync();
            }
        }
    }
}
