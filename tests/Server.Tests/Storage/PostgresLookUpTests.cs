using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>A commit on PostgreSQL finds rows by key, with or without the planner's statistics.</summary>
public sealed class PostgresLookUpTests : IDisposable
{
    private const int Commits = 60;

    private const string Inserted = "SELECT sum(n_tup_ins)::bigint FROM pg_stat_user_tables WHERE relname IN ('requests', 'agent_tasks')";

    private const string Read =
        """
        SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname IN ('requests', 'agent_tasks'))::bigint
             + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('requests', 'agent_tasks'))::bigint
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 60_000)]
    public async Task A_commit_Reads_no_more_of_a_table_that_was_never_analyzed_than_it_asks_for()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var database = await cluster.NewDatabaseAsync();
        await using (var server = await TestServer.StartAsync(_folder.Path, settings: cluster.Settings(database)))
        {
            await cluster.ExecuteAsync(
                "ALTER TABLE requests SET (autovacuum_enabled = false); ALTER TABLE agent_tasks SET (autovacuum_enabled = false)",
                database);
            using var client = server.Client("org");
            for (var i = 0; i < Commits; i++)
            {
                var task = await client.CreateAgentTaskAsync();
                await client.TransitionAsync(task, AgentTaskStatus.Planning);
            }
        }

        // A connection reports its statistics when it closes, which may be a moment after the server's exit.
        while ((long)(await cluster.ExecuteAsync(Inserted, database))! < 3 * Commits)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.InRange((long)(await cluster.ExecuteAsync(Read, database))!, Commits, 6 * Commits);
    }
}
