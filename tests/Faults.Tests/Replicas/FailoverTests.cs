using TaskGrpc.Client;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Replicas;

/// <summary>The primary dies and a standby takes its place.</summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    [Fact]
    public async Task T16_A_synchronous_standby_that_is_promoted_Has_everything_and_tokens_go_on()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        await using var primary = await PostgresCluster.StartAsync();
        await using var standby = await primary.SynchronousStandbyAsync();
        await using var replicas = await PostgresReplicas.StartAsync(2, primary);
        using var client = replicas.Servers[0].Client("org", maxAttempts: 5);
        string token;
        using (var before = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 }))
        {
            await client.CreateBoardTaskAsync();
            await before.UntilAsync(1);
            token = before.Last.ResumeToken;
        }

        var next = 0;
        using var workload = new Workload(["north", "south"], writers: 4, watches: 2,
            organization => replicas.Servers[Interlocked.Increment(ref next) % 2].Client(organization, maxAttempts: 5));
        await workload.AcknowledgedAsync(300);
        await primary.CrashAsync();
        await standby.TakeOverAsync();
        foreach (var link in replicas.Links)
        {
            link.MoveTo(standby.Port);
        }

        await workload.AcknowledgedAsync(300);
        output.WriteLine(await workload.CheckAsync(organization => replicas.Servers[1].Client(organization, maxAttempts: 5)));
        using var resumed = await WatchProbe.OpenAsync(replicas.Servers[1].Client("org"), new WatchRequest { ResumeToken = token });
        await client.CreateBoardTaskAsync();
        await resumed.UntilAsync(2);
        Assert.Single(resumed.Events);
    }

    [Fact]
    public async Task T17_An_asynchronous_standby_that_lost_the_end_Begins_a_new_epoch()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        await using var primary = await PostgresCluster.StartAsync();
        await using var standby = await primary.StandbyAsync("standby");
        await using var replicas = await PostgresReplicas.StartAsync(2, primary);
        replicas.ExpectErrors("has a new epoch");
        using var client = replicas.Servers[0].Client("org", maxAttempts: 5);
        using var other = replicas.Servers[1].Client("org", maxAttempts: 5);
        for (var i = 0; i < 5; i++)
        {
            await client.CreateBoardTaskAsync(Sample.BoardTask($"kept {i}"));
        }

        var kept = (await client.Changes.ListChangesAsync(new())).ResumeToken;
        await HasEverythingAsync(standby, primary);

        await StopStreamingAsync(primary, standby);
        using var watch = await WatchProbe.OpenAsync(other, new WatchRequest { AfterRevision = 0 });
        for (var i = 0; i < 5; i++)
        {
            await client.CreateBoardTaskAsync(Sample.BoardTask($"lost {i}"));
        }

        await watch.UntilAsync(10);
        var lost = watch.Last.ResumeToken;

        await primary.CrashAsync();
        await standby.PromoteAsync();
        foreach (var link in replicas.Links)
        {
            link.MoveTo(standby.Port);
        }

        // An open watch has sent changes that no longer exist, and ends with EPOCH_CHANGED.
        await Refusal.OfAsync(ErrorReason.EpochChanged, () => watch.UntilAsync(11));
        foreach (var reader in new[] { client, other })
        {
            await VoidAsync(reader, lost);
            await VoidAsync(reader, kept);
        }

        // The new epoch uses the lost revisions again; no client can confuse them with the lost ones.
        await Task.WhenAll(Enumerable.Range(0, 10)
            .Select(i => (i % 2 == 0 ? client : other).CreateBoardTaskAsync(Sample.BoardTask($"new {i}"))));
        await VoidAsync(client, lost);
        var log = await other.ListChangesAsync().ToListAsync();
        Assert.Equal(Enumerable.Range(1, 15).Select(revision => (long)revision), log.Select(item => item.Change.Revision));
        Assert.DoesNotContain(log, item => item.Change.BoardTask.Title.StartsWith("lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_standby_that_lacks_an_organizations_first_change_Begins_a_new_epoch_for_it()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        await using var primary = await PostgresCluster.StartAsync();
        await using var standby = await primary.StandbyAsync("standby");
        await using var replicas = await PostgresReplicas.StartAsync(2, primary);
        replicas.ExpectErrors("has a new epoch");
        TaskGrpcClient Client(int replica, string organization) => replicas.Servers[replica].Client(organization, maxAttempts: 5);
        using var quiet = Client(1, "quiet");
        await Client(0, "kept").CreateBoardTaskAsync();
        await HasEverythingAsync(standby, primary);

        await StopStreamingAsync(primary, standby);
        // Release 0.1.0 gave each organization its own epoch.
        await primary.ExecuteAsync(
            """
            INSERT INTO organizations (id, revision, compacted_revision, epoch)
            SELECT name, 0, 0, gen_random_uuid() FROM unnest(ARRAY['older', 'older-unwatched']) AS name
            """,
            replicas.Database);
        using var waiting = await WatchProbe.OpenAsync(quiet);
        string[] organizations = ["watched", "unwatched", "older", "older-unwatched"];
        var watched = organizations.Where(name => !name.EndsWith("unwatched", StringComparison.Ordinal));
        var watches =
            await Task.WhenAll(watched.Select(name => WatchProbe.OpenAsync(Client(1, name), new WatchRequest { AfterRevision = 0 })));
        var lost = new List<string>();
        foreach (var organization in organizations)
        {
            await CreateAsync(Client(0, organization), 5);
            lost.Add((await Client(0, organization).Changes.ListChangesAsync(new())).ResumeToken);
        }

        await Task.WhenAll(watches.Select(watch => watch.UntilAsync(5)));
        await primary.CrashAsync();
        await standby.PromoteAsync();
        foreach (var link in replicas.Links)
        {
            link.MoveTo(standby.Port);
        }

        // The polls find the watched organizations before any write; the next commits find the others.
        foreach (var watch in watches)
        {
            await Refusal.OfAsync(ErrorReason.EpochChanged, () => watch.UntilAsync(6));
            watch.Dispose();
        }

        for (var i = 0; i < organizations.Length; i++)
        {
            await CreateAsync(Client(0, organizations[i]), 6);
            using var reader = Client(1, organizations[i]);
            await VoidAsync(reader, lost[i]);
            Assert.Equal([1L, 2, 3, 4, 5, 6], await reader.ListChangesAsync().Select(item => item.Change.Revision).ToListAsync());
            // The first change must not have taken over the store's epoch: tokens of an earlier loss may carry that epoch.
            var epoch = ResumeToken.Parse((await reader.Changes.ListChangesAsync(new())).ResumeToken, organizations[i]).Epoch;
            Assert.NotEqual(ResumeToken.Parse(waiting.Last.ResumeToken, "quiet").Epoch, epoch);
        }

        // A watch continues where nothing was lost.
        await quiet.CreateBoardTaskAsync();
        await waiting.UntilAsync(1);
    }

    private static async Task CreateAsync(TaskGrpcClient client, int tasks)
    {
        for (var i = 0; i < tasks; i++)
        {
            await client.CreateBoardTaskAsync();
        }
    }

    private static async Task HasEverythingAsync(PostgresCluster standby, PostgresCluster primary) =>
        await standby.UntilAsync(
            $"SELECT pg_last_wal_replay_lsn() >= '{await primary.ExecuteAsync("SELECT pg_current_wal_lsn()::text")}'");

    /// <summary>From here on, commits reach the watches and the primary's disk, but not the standby.</summary>
    private static async Task StopStreamingAsync(PostgresCluster primary, PostgresCluster standby)
    {
        await standby.ExecuteAsync("ALTER SYSTEM SET primary_conninfo = ''");
        await standby.ExecuteAsync("SELECT pg_reload_conf()");
        await primary.UntilAsync("SELECT count(*) = 0 FROM pg_stat_replication");
    }

    /// <summary>A replica may notice only now that its connection is lost; STORAGE_UNAVAILABLE says nothing about the token.</summary>
    private static Task<TaskGrpcException> VoidAsync(TaskGrpcClient client, string token) =>
        Refusal.OfAsync(ErrorReason.EpochChanged, async () =>
    {
        while (true)
        {
            try
            {
                (await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = token })).Dispose();
                return;
            }
            catch (TaskGrpcException lost) when (lost.Reason == ErrorReason.StorageUnavailable)
            {
                await BackOff.WaitAsync();
            }
        }
    });
}
