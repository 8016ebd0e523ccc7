using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hostile;

/// <summary>Refusals that only PostgreSQL makes: SQLSTATEs of all classes, and errors at COMMIT.</summary>
public sealed class PostgresRefusalTests(PostgresServer server) : DatabaseRefusalTests(server), IClassFixture<PostgresServer>
{
    [Theory]
    [InlineData("P0001")] // RAISE EXCEPTION
    [InlineData("T0001")] // a code of one's own
    [InlineData("22P05")] // a letter that the database's encoding lacks
    [InlineData("22021")]
    [InlineData("23514")] // a check
    [InlineData("27000")]
    [InlineData("38000")]
    [InlineData("44000")]
    [InlineData("54000")] // an index row that is too large
    [InlineData("55000")]
    public async Task A_code_that_says_what_the_statement_did_wrong_Is_an_incident(string code)
    {
        using var client = server.Server.Client(server.NewOrganization(), maxAttempts: 5);
        await server.RaiseAsync("agent_tasks", $"NEW.title = '{code}'", code);
        await RefusedAsync(() => client.CreateAgentTaskAsync(Sample.AgentTask(code)));
        Assert.Equal(0, (await client.Changes.ListChangesAsync(new())).Revision);
        await client.CreateAgentTaskAsync();
    }

    [Fact]
    public async Task A_constraint_that_is_checked_at_the_commit_Is_an_incident()
    {
        using var client = server.Server.Client(server.NewOrganization(), maxAttempts: 5);
        await server.ExecuteAsync("""
            CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '23514'; END $$;
            CREATE CONSTRAINT TRIGGER refuse_late AFTER INSERT ON agent_tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.title = 'late') EXECUTE FUNCTION refuse_late();
            """);
        await RefusedAsync(() => client.CreateAgentTaskAsync(Sample.AgentTask("late")));
        Assert.Equal(0, (await client.Changes.ListChangesAsync(new())).Revision);
        await client.CreateAgentTaskAsync();
    }

    [Fact]
    public async Task An_index_row_that_is_too_large_Is_an_incident()
    {
        using var client = server.Server.Client(server.NewOrganization());
        await server.ExecuteAsync("CREATE INDEX too_narrow ON board_tasks (title, correlation_bucket_id)");
        var random = new Random(8);
        string Text(int characters) =>
            string.Concat(Enumerable.Range(0, characters).Select(_ => char.ConvertFromUtf32(random.Next(0x10400, 0x1F000))));
        await RefusedAsync(() => client.CreateBoardTaskAsync(new() { Title = Text(500), CorrelationBucketId = Text(256) }));
    }
}
