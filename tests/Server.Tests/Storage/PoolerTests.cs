using Npgsql;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>Connections to PostgreSQL through a Unix socket, and through a pooler in its default settings.</summary>
public sealed class PoolerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_Unix_socket_Leads_to_the_database()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var settings = cluster.Settings(await cluster.NewDatabaseAsync());
        settings["ConnectionStrings:Tasks"] =
            settings["ConnectionStrings:Tasks"]!.Replace("127.0.0.1", cluster.Sockets, StringComparison.Ordinal);
        await using var server = await TestServer.StartAsync(_folder.Path, settings: settings);
        await AssertServesAsync(server, server);
    }

    [Fact]
    public async Task PgBouncer_in_session_mode_Serves_replicas_and_keeps_the_operators_settings()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        using var bouncer = await PgBouncer.StartAsync(cluster, "session");
        var database = await EmptyAsync(cluster, "pooled");
        await cluster.ExecuteAsync(
            "CREATE SCHEMA \"own place\" AUTHORIZATION taskgrpc; CREATE SCHEMA second AUTHORIZATION taskgrpc", database);
        var settings = cluster.Settings(database, bouncer.Port);
        settings["ConnectionStrings:Tasks"] += ";Options=-c search_path=\"own\\ place\" --work-mem=5MB";
        // What a stopped server leaves in the pooler's sessions does not affect the next server.
        for (var round = 0; round < 2; round++)
        {
            await using var server = await TestServer.StartAsync(_folder.Path, settings: settings);
            await using var other = await TestServer.StartAsync(_folder.Path, settings: settings);
            await AssertServesAsync(server, other);
        }

        Assert.Equal(1L,
            await cluster.ExecuteAsync(
                "SELECT count(*) FROM pg_tables WHERE tablename = 'changes' AND schemaname = 'own place'", database));
        settings["ConnectionStrings:Tasks"] = $"{cluster.ConnectionString(database, bouncer.Port)};Search Path=second";
        await using var elsewhere = await TestServer.StartAsync(_folder.Path, settings: settings);
        await AssertServesAsync(elsewhere, elsewhere);
    }

    [Theory]
    [InlineData("transaction", "")]
    [InlineData("transaction", "server_round_robin = 1")]
    [InlineData("statement", "")]
    public async Task PgBouncer_in_another_mode_Is_detected_and_refused(string mode, string setting)
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        using var bouncer = await PgBouncer.StartAsync(cluster, mode, setting);
        var settings = cluster.Settings(await EmptyAsync(cluster, $"refused_{mode}_{setting.Length}"), bouncer.Port);
        for (var round = 0; round < 3; round++)
        {
            if (mode == "transaction")
            {
                await FillAsync(settings["ConnectionStrings:Tasks"]!);
            }

            var refusal = await Assert.ThrowsAsync<RefusedToStartException>(() => TestServer.StartAsync(_folder.Path, settings: settings));
            Assert.Contains("pool_mode to session", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Options_that_are_no_settings_of_a_session_Stop_the_start()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var settings = cluster.Settings(await EmptyAsync(cluster, "options"));
        var connection = settings["ConnectionStrings:Tasks"];
        foreach (var (options, named) in new[] { ("-d 5", "-c name=value"), ("-c no_such_setting=on", "no_such_setting"),
            ("-c ignore_system_indexes=on", "ignore_system_indexes") })
        {
            settings["ConnectionStrings:Tasks"] = $"{connection};Options={options}";
            var refusal = await Assert.ThrowsAsync<RefusedToStartException>(() => TestServer.StartAsync(_folder.Path, settings: settings));
            Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        }
    }

    private static async Task AssertServesAsync(TestServer server, TestServer other)
    {
        using var client = server.Client("org");
        var stands = (await client.Changes.ListChangesAsync(new() { PageSize = 1000 })).Events.Count;
        using var watch = await WatchProbe.OpenAsync(other.Client("org"), new WatchRequest { AfterRevision = stands });
        for (var revision = 1; revision <= 5; revision++)
        {
            await client.CreateBoardTaskAsync();
            await watch.UntilAsync(stands + revision);
        }

        Assert.Equal(stands + 5, await client.ListBoardTasksAsync(new()).CountAsync());
    }

    private static async Task<string> EmptyAsync(PostgresCluster cluster, string database)
    {
        await cluster.ExecuteAsync($"CREATE DATABASE {database} OWNER taskgrpc");
        return database;
    }

    /// <summary>Makes a transaction pooler hold several connections to choose from.</summary>
    private static async Task FillAsync(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        var transactions = new List<NpgsqlConnection>();
        for (var i = 0; i < 4; i++)
        {
            transactions.Add(await source.OpenConnectionAsync());
            await using var begin = new NpgsqlCommand("BEGIN", transactions[^1]);
            await begin.ExecuteNonQueryAsync();
        }

        transactions.ForEach(transaction => transaction.Dispose());
    }
}
