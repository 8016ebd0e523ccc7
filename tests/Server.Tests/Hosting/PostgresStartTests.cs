using System.Globalization;
using Npgsql;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Hosting;

/// <summary>
/// A start on an unsuitable PostgreSQL database exits with code 1 and one sentence that says what to change, without a stack trace.
/// </summary>
public sealed class PostgresStartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("latin", "CREATE DATABASE {0} OWNER taskgrpc ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0", "", "encoding is LATIN1")]
    [InlineData("ascii", "CREATE DATABASE {0} OWNER taskgrpc ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0", "",
        "encoding is SQL_ASCII")]
    [InlineData("readonly", "CREATE DATABASE {0} OWNER taskgrpc; ALTER DATABASE {0} SET default_transaction_read_only = on", "",
        "read-only")]
    [InlineData("limited", "CREATE DATABASE {0} OWNER taskgrpc; ALTER DATABASE {0} CONNECTION LIMIT 2", "", "CONNECTION LIMIT 2")]
    [InlineData("limited_role", "CREATE ROLE {0} LOGIN CONNECTION LIMIT 2; CREATE DATABASE {0} OWNER {0}", "Username={0}",
        "CONNECTION LIMIT 2")]
    [InlineData("closed", "CREATE DATABASE {0} OWNER taskgrpc; ALTER DATABASE {0} CONNECTION LIMIT 0", "", "too many connections")]
    [InlineData("powerless", "CREATE ROLE {0} LOGIN; CREATE DATABASE {0}", "Username={0}", "permission denied for schema public")]
    [InlineData("missing", "SELECT 1", "", "\"missing\" does not exist")]
    [InlineData("nobody", "CREATE DATABASE {0}", "Username={0}", "role \"nobody\" does not exist")]
    [InlineData("guarded", "CREATE ROLE {0} LOGIN PASSWORD 'right'; CREATE DATABASE {0} OWNER {0}", "Username={0};Password=wrong",
        "password authentication failed")]
    [InlineData("nowhere", "SELECT 1", "Host=no-such-host.invalid", "ConnectionStrings:Tasks cannot be used")]
    [InlineData("standby", "SELECT 1", "Host=127.0.0.1,127.0.0.2;Target Session Attributes=standby", "Target Session Attributes")]
    [InlineData("nossl", "SELECT 1", "Ssl Mode=Require", "SSL")]
    public async Task A_database_that_does_not_fit_Stops_the_start_with_a_sentence(
        string name, string making, string connection, string sentence)
    {
        var cluster = await ClusterAsync();
        foreach (var statement in making.Split("; "))
        {
            await cluster.ExecuteAsync(string.Format(CultureInfo.InvariantCulture, statement, name));
        }

        if (name == "guarded")
        {
            await cluster.RequirePasswordAsync(name);
        }

        await AssertRefusedAsync(
            cluster, $"{cluster.ConnectionString(name)};{string.Format(CultureInfo.InvariantCulture, connection, name)}", sentence);
    }

    [Theory]
    [InlineData("ended", "CREATE DATABASE ended OWNER taskgrpc; ALTER DATABASE ended CONNECTION LIMIT 2", "CONNECTION LIMIT 2")]
    [InlineData("absent", "SELECT 1", "\"absent\" does not exist")]
    public async Task A_start_that_is_refused_Ends_with_exit_code_1_and_one_line(string name, string making, string sentence)
    {
        var cluster = await ClusterAsync();
        foreach (var statement in making.Split("; "))
        {
            await cluster.ExecuteAsync(statement);
        }

        using var server = PostgresReplica.On(_folder.Path, cluster.Settings(name));
        Assert.False(await server.TryStartAsync());
        await server.ExitedAsync();
        Assert.Equal(1, server.ExitCode);
        Assert.Contains(sentence, Assert.Single(server.Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_only_read_Is_refused_with_the_rights_that_it_lacks()
    {
        var cluster = await ClusterAsync();
        var database = await cluster.NewDatabaseAsync();
        await cluster.ExecuteAsync("CREATE ROLE reader LOGIN");
        await cluster.ExecuteAsync(
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; GRANT INSERT, UPDATE, DELETE ON changes TO reader", database);
        await AssertRefusedAsync(cluster, cluster.ConnectionString(database, user: "reader"), "lacks rights: INSERT on organizations");
    }

    [Fact]
    public async Task A_newer_releases_database_Is_served_until_a_migration_says_that_older_ones_must_stop()
    {
        var cluster = await ClusterAsync();
        var database = await cluster.NewDatabaseAsync();
        const string Migrated = """INSERT INTO "__EFMigrationsHistory" VALUES ('{0}', '11.0.0')""";
        await cluster.ExecuteAsync(string.Format(CultureInfo.InvariantCulture, Migrated, "20991231000000_Later"), database);
        await using (await TestServer.StartAsync(_folder.Path, settings: cluster.Settings(database)))
        {
        }

        await cluster.ExecuteAsync(string.Format(CultureInfo.InvariantCulture, Migrated, "20991231000001_Different_StopAll"), database);
        await AssertRefusedAsync(
            cluster, cluster.ConnectionString(database), "newer release wrote the database (migration 20991231000001_Diff");
    }

    [Fact]
    public async Task A_server_that_is_too_old_Is_refused()
    {
        var cluster = await ClusterAsync();
        var database = await cluster.NewDatabaseAsync();
        var version = (string)(await cluster.ExecuteAsync("SHOW server_version"))!;
        await using var old = new RewritingProxy(cluster.Port, $"server_version\0{version[..2]}", "server_version\012");
        await AssertRefusedAsync(cluster, cluster.ConnectionString(database, old.Port), "needs version 13");
    }

    [Fact]
    public async Task A_start_that_waits_for_the_migration_lock_Says_who_holds_it_every_ten_seconds()
    {
        var cluster = await ClusterAsync();
        await cluster.ExecuteAsync("CREATE DATABASE waiting OWNER taskgrpc");
        await using var holder = await cluster.OpenAsync("waiting");
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_lock(7310061, 0)", holder))
        {
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        using var server = PostgresReplica.On(_folder.Path, cluster.Settings("waiting"));
        var starting = server.StartAsync();
        await server.UntilSaidAsync("has waited 10 seconds");
        await server.UntilSaidAsync("has waited 20 seconds");
        Assert.Contains(server.Output, line => line.Contains($"{holder.ProcessID} (postgres", StringComparison.Ordinal));
        await holder.CloseAsync();
        await starting;
    }

    private static async Task<PostgresCluster> ClusterAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        return await SharedPostgres.ClusterAsync();
    }

    private async Task AssertRefusedAsync(PostgresCluster cluster, string connection, string sentence)
    {
        var settings = cluster.Settings("none");
        settings["ConnectionStrings:Tasks"] = connection;
        var refusal = await Assert.ThrowsAsync<RefusedToStartException>(() => TestServer.StartAsync(_folder.Path, settings: settings));
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }
}
