using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.AgentTasks;

// The suite is written once; here it runs on every database and in-process.
public sealed class QuorumsOnSqlite(SqliteServer server) : QuorumTests(server), IClassFixture<SqliteServer>;

public sealed class QuorumsOnPostgres(PostgresServer server) : QuorumTests(server), IClassFixture<PostgresServer>;

public sealed class QuorumsInProcess(InProcessServer server) : QuorumTests(server), IClassFixture<InProcessServer>;

public sealed class AgentTimesOnSqlite : AgentTimesTests
{
    protected override Task<TestServer> StartAsync(string folder) => TestServer.StartAsync(folder, Time);
}

public sealed class AgentTimesOnPostgres : AgentTimesTests
{
    private string? _database;

    public override ValueTask InitializeAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        return base.InitializeAsync();
    }

    [Fact]
    public async Task Two_replicas_that_see_one_time_pass_Make_one_change()
    {
        using var folder = new TemporaryFolder();
        await using var other = await StartAsync(folder.Path);
        for (var i = 0; i < 20; i++)
        {
            await CreateAsync(task => (task.NotBefore, task.DueAt) = (In(60), In(60)));
            await WaitingAsync();
        }

        Time.Advance(TimeSpan.FromSeconds(61));
        await UntilAsync(changes => changes.Count(IsBySystem) >= 60);
        // The next revision comes after any change that the second replica could still make for the times that have passed.
        Time.Advance(TimeSpan.FromSeconds(2));
        var last = await As(other, "bob").CreateAgentTaskAsync();
        var changes = await UntilAsync(changes => changes.Any(change => change.AgentTask.Id == last.Id));

        Assert.Equal(60, changes.Count(IsBySystem));
        Assert.Empty((await Anna.AgentTasks.ListAgentTasksAsync(new() { Filter = "status = AWAITING_APPROVAL" })).AgentTasks);
    }

    protected override async Task<TestServer> StartAsync(string folder)
    {
        var cluster = await SharedPostgres.ClusterAsync();
        _database ??= await cluster.NewDatabaseAsync();
        return await TestServer.StartAsync(folder, Time, cluster.Settings(_database));
    }
}
