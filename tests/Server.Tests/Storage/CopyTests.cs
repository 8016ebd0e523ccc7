using Npgsql;
using TaskGrpc.Server.Hosting;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>The operator's commands: a copy has everything that a client can read, and clients continue from it.</summary>
public sealed class CopyTests : IDisposable
{
    /// <summary>No attempts meanwhile, so that the compared data does not change.</summary>
    private static readonly Dictionary<string, string?> Resting = new() { ["Delivery:Enabled"] = "false" };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_copy_to_PostgreSQL_and_back_Has_everything_and_tokens_go_on()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var postgres = cluster.Settings(await cluster.NewDatabaseAsync());
        postgres["Delivery:Enabled"] = "false";
        var (first, last) = (Folder("first"), Folder("last"));
        Seen seen;
        await using (var server = await TestServer.StartAsync(first, settings: Resting))
        {
            seen = await FillAsync(server);
        }

        using var output = new StringWriter();
        Assert.Equal(0, await RunAsync(["copy", $"--Storage:DataDirectory={first}", .. Under("To:", postgres)], output));
        Assert.Contains(" 3 organizations", output.ToString(), StringComparison.Ordinal);
        await using (var server = await TestServer.StartAsync(first, settings: postgres))
        {
            await HoldsAsync(server, seen);
        }

        // The command copies only into an empty store.
        Assert.Equal(1, await RunAsync(["copy", $"--Storage:DataDirectory={first}", .. Under("To:", postgres)]));

        Assert.Equal(
            0, await RunAsync(["copy", .. Under("", postgres), "--To:Storage:Provider=Sqlite", $"--To:Storage:DataDirectory={last}"]));
        await using (var server = await TestServer.StartAsync(last, settings: Resting))
        {
            await HoldsAsync(server, seen);
            using var client = server.Client("org-0");
            using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = seen.Token });
            await client.CreateBoardTaskAsync();
            await watch.UntilAsync(seen.Revision + 1);
            Assert.Single(watch.Events);

            // The copy keeps the order of the log, so compaction removes the oldest changes and no younger ones.
            Assert.Equal(3 * seen.Log.Count - 1, await server.CompactAsync());
        }
    }

    [Fact]
    public async Task A_backup_beside_a_running_server_Is_a_whole_database_whose_tokens_are_void()
    {
        var (live, restored) = (Folder("live"), Folder("restored"));
        var file = Path.Combine(restored, "taskgrpc.db");
        Seen seen;
        await using (var server = await TestServer.StartAsync(live, settings: Resting))
        {
            seen = await FillAsync(server);
            Assert.Equal(0, await RunAsync(["backup", file, $"--Storage:DataDirectory={live}"]));
            Assert.Equal(1, await RunAsync(["backup", file, $"--Storage:DataDirectory={live}"]));
            using var client = server.Client("org-0");
            await client.CreateBoardTaskAsync();
        }

        Directory.Move(Path.Combine(live, "keys"), Path.Combine(restored, "keys"));
        await using var again = await TestServer.StartAsync(restored, settings: Resting);
        await HoldsAsync(again, seen with { Token = "" });
        using var reader = again.Client("org-0");
        await Refusal.OfAsync(ErrorReason.EpochChanged, () => WatchProbe.OpenAsync(reader, new WatchRequest { ResumeToken = seen.Token }));
    }

    [Fact]
    public async Task A_copy_from_an_empty_PostgreSQL_database_Is_refused_and_makes_nothing_there()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var database = await cluster.NewDatabaseAsync();
        await using var connection = new NpgsqlConnection(cluster.ConnectionString(database));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        // The tests' new databases already have the schema.
        await using var drop = new NpgsqlCommand("DROP SCHEMA public CASCADE; CREATE SCHEMA public", connection);
        await drop.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        string[] copy = ["copy", .. Under("", cluster.Settings(database)), "--To:Storage:Provider=Sqlite",
            $"--To:Storage:DataDirectory={Folder("none")}"];

        Assert.Equal(1, await RunAsync(copy));

        Assert.Empty(Directory.GetFileSystemEntries(Folder("none")));
        await using var tables = new NpgsqlCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", connection);
        Assert.Equal(0L, await tables.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("copy")]
    [InlineData("backup")]
    [InlineData("backup", "/tmp/x.db", "--Storage:DataDirectory=/nowhere")]
    [InlineData("backup", "/tmp/x.db", "--Storage:Provider=Postgres")]
    [InlineData("copy", "--To:Storage:Provider=Oracle")]
    public async Task A_command_that_cannot_be_run_Says_what_to_do(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.InRange(await ServerProgram.RunAsync([.. args, $"--Storage:DataDirectory={Folder("none")}"], output, error), 1, 2);
        Assert.Empty(output.ToString());
        Assert.NotEmpty(error.ToString());
    }

    private static async Task<int> RunAsync(string[] args, StringWriter? output = null)
    {
        output ??= new StringWriter();
        var code = await ServerProgram.RunAsync(args, output, output);
        TestContext.Current.TestOutputHelper?.WriteLine(output.ToString());
        return code;
    }

    private static IEnumerable<string> Under(string prefix, Dictionary<string, string?> settings) =>
        settings.Select(setting => $"--{prefix}{setting.Key}={setting.Value}");

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;

    private static async Task<Seen> FillAsync(TestServer server)
    {
        for (var organization = 0; organization < 3; organization++)
        {
            using var client = server.Client($"org-{organization}");
            await client.SigningSecrets.CreateSigningSecretAsync(new());
            var task = await client.CreateAgentTaskAsync(
                new AgentTask(Sample.AgentTask()) { Metadata = new() { Fields = { ["order"] = new() { NumberValue = 7 } } } });
            await client.TransitionAsync(task, AgentTaskStatus.Planning);
            var parent = await client.CreateBoardTaskAsync();
            var child = await client.CreateBoardTaskAsync();
            await client.BoardTasks.AddSubtaskAsync(new() { ParentId = parent.Id, ChildId = child.Id });
            await client.BoardTasks.AddBlockerAsync(new() { BlockedId = parent.Id, BlockerId = child.Id });
            await client.TriggerAsync(await client.CreateMonitorTaskAsync(Sample.Webhook(new Uri("http://127.0.0.1:9/"))));
            await client.CreateTaskExecutionAsync(Sample.TaskExecution(await client.CreateFlowExecutionAsync()));
        }

        using var reader = server.Client("org-0");
        var request = new CreateBoardTaskRequest { BoardTask = Sample.BoardTask("asked once"), RequestId = Guid.NewGuid().ToString() };
        var answer = await reader.BoardTasks.CreateBoardTaskAsync(request);
        var page = await reader.Changes.ListChangesAsync(new() { PageSize = 1000 });
        using var quiet = server.Client("quiet");
        var nothing = await quiet.Changes.ListChangesAsync(new());
        return new Seen(
            page.Events.Select(item => item.Change).ToList(), page.ResumeToken, nothing.ResumeToken, page.Revision, request, answer);
    }

    private static async Task HoldsAsync(TestServer server, Seen seen)
    {
        using var client = server.Client("org-0");
        var page = await client.Changes.ListChangesAsync(new() { PageSize = 1000 });
        Assert.Equal(seen.Log, page.Events.Take(seen.Log.Count).Select(item => item.Change));
        Assert.Equal(seen.Answer, await client.BoardTasks.CreateBoardTaskAsync(seen.Request));
        Assert.Single(await client.ListAgentTasksAsync(new() { Filter = "metadata.order = 7" }).ToListAsync());
        Assert.Equal(3, await client.ListBoardTasksAsync().CountAsync());
        var blocked = Assert.Single(await client.ListBoardTasksAsync(new() { Filter = "open_blockers = 1" }).ToListAsync());
        Assert.Single(await client.ListBlockersAsync(new() { Id = blocked.Id }).ToListAsync());
        Assert.Single((await client.SigningSecrets.ListSigningSecretsAsync(new())).SigningSecrets);
        Assert.Single(await client.ListTaskExecutionsAsync().ToListAsync());
        if (seen.Token.Length > 0)
        {
            Assert.Equal(seen.Token, page.ResumeToken);
            using var quiet = server.Client("quiet");
            Assert.Equal(seen.QuietToken, (await quiet.Changes.ListChangesAsync(new())).ResumeToken);
        }
    }

    private sealed record Seen(
        IReadOnlyList<Change> Log, string Token, string QuietToken, long Revision, CreateBoardTaskRequest Request, BoardTask Answer);
}
