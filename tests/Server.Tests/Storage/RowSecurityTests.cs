using Npgsql;
using TaskGrpc.Client;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>With row-level security the database itself separates organizations, and the server works as without.</summary>
public sealed class RowSecurityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_server_Works_and_a_session_without_an_organization_sees_nothing()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var database = await cluster.NewDatabaseAsync();
        var settings = cluster.Settings(database);
        settings["Storage:RowLevelSecurity"] = "true";
        await using var receiver = await WebhookReceiver.StartAsync();
        await using (var server = await TestServer.StartAsync(_folder.Path, settings: settings))
        await using (var other = await TestServer.StartAsync(_folder.Path, settings: settings))
        {
            using TaskGrpcClient client = server.Client("org"), otherClient = server.Client("other"), elsewhere = other.Client("org");
            using var watch = await WatchProbe.OpenAsync(elsewhere, new WatchRequest { AfterRevision = 0 });
            var task = await client.CreateAgentTaskAsync();
            await client.TransitionAsync(task, AgentTaskStatus.Planning);
            await watch.UntilAsync(2);
            Assert.Single(await client.ListAgentTasksAsync(new() { Filter = "status = PLANNING" }).ToListAsync());
            Assert.Empty(await otherClient.ListAgentTasksAsync().ToListAsync());
            await client.SigningSecrets.CreateSigningSecretAsync(new());
            var delivery = await client.TriggerAsync(await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address)));
            await client.UntilAsync(delivery, DeliveryStatus.Delivered);
            Assert.True(await server.CompactAsync() > 0);
            await otherClient.CreateBoardTaskAsync();
        }

        // A copy into the database is refused because it has data; the policies do not hide the rows from the command.
        using (var source = new TemporaryFolder())
        using (var output = new StringWriter())
        {
            await using (await TestServer.StartAsync(source.Path))
            {
            }

            Assert.Equal(1,
                await Server.Hosting.ServerProgram.RunAsync(
                    ["copy", $"--Storage:DataDirectory={source.Path}",
                        .. settings.Select(setting => $"--To:{setting.Key}={setting.Value}")], output, output));
            Assert.Contains("already holds organizations", output.ToString(), StringComparison.Ordinal);
        }

        await using var connection = new NpgsqlConnection(cluster.ConnectionString(database));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        // Every session reads the store's epoch. A session of an organization cannot write it, nor can one that has reset its
        // organization.
        Assert.Equal(1L, await CountAsync(connection, "SELECT count(*) FROM organizations WHERE id = ''"));
        foreach (var organization in new[] { "", "other" })
        {
            var write =
                $"""
                SELECT set_config('taskgrpc.organization', '{organization}', false);
                WITH changed AS (UPDATE organizations SET epoch = gen_random_uuid() WHERE id = '' RETURNING 1) SELECT count(*) FROM changed
                """;
            Assert.Equal(0L, await CountAsync(connection, write));
        }

        Assert.Equal(0L, await CountAsync(connection, "SELECT set_config('taskgrpc.organization', '', false)"));
        Assert.Equal(0L, await CountAsync(connection, "SELECT count(*) FROM organizations WHERE id <> ''"));
        foreach (var table in new[] { "agent_tasks", "board_tasks", "changes", "requests", "signing_secrets", "deliveries" })
        {
            Assert.Equal(0L, await CountAsync(connection, $"SELECT count(*) FROM {table}"));
        }

        Assert.Equal(1L,
            await CountAsync(connection, "SELECT set_config('taskgrpc.organization', 'other', false); SELECT count(*) FROM board_tasks"));
        Assert.Equal(0L, await CountAsync(connection, "SELECT count(*) FROM agent_tasks"));
        await Assert.ThrowsAsync<PostgresException>(() =>
            CountAsync(connection, "UPDATE board_tasks SET organization_id = 'org' RETURNING 1"));

        // A replica without the setting would read no rows, so it does not start.
        settings["Storage:RowLevelSecurity"] = "false";
        await Assert.ThrowsAsync<RefusedToStartException>(() => TestServer.StartAsync(_folder.Path, settings: settings));
        // The policies do not apply to a superuser.
        settings["Storage:RowLevelSecurity"] = "true";
        settings["ConnectionStrings:Tasks"] = cluster.ConnectionString(database, user: "postgres");
        await Assert.ThrowsAsync<RefusedToStartException>(() => TestServer.StartAsync(_folder.Path, settings: settings));
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is none")]
    [InlineData("Host=127.0.0.1;Port=1;Database=x;Username=x")]
    public async Task A_database_that_cannot_be_used_Stops_the_start_and_says_why(string connection)
    {
        var settings = new Dictionary<string, string?> { ["Storage:Provider"] = "Postgres", ["ConnectionStrings:Tasks"] = connection };
        var refusal = await Assert.ThrowsAsync<RefusedToStartException>(() => TestServer.StartAsync(_folder.Path, settings: settings));
        Assert.Contains("ConnectionStrings:Tasks", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var last = 0L;
        do
        {
            while (await reader.ReadAsync())
            {
                last = reader.GetFieldType(0) == typeof(long) ? reader.GetInt64(0) : last;
            }
        }
        while (await reader.NextResultAsync());
        return last;
    }
}
