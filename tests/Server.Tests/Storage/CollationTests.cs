using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>Texts compare by their bytes, whatever the collation of PostgreSQL's database is.</summary>
public sealed class CollationTests : IDisposable
{
    private static readonly string[] Texts =
    [
        "a", "B", "b", "A", "Z", "z", "é", "e\u0301", "zé", "ß", "ss", "a-b", "ab", "a b", "_", "1", "10", "2", "\uFFFDx", "😀", "İ", "i",
            "I", "ı",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_database_with_a_language_s_collation_Answers_as_SQLite_does()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        await cluster.ExecuteAsync("CREATE DATABASE in_english OWNER taskgrpc TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'");
        // The collation has an order of its own, or the test shows nothing.
        Assert.Equal(true, await cluster.ExecuteAsync("SELECT 'a' < 'B'", "in_english"));
        await using var sqlite = await TestServer.StartAsync(Path.Combine(_folder.Path, "sqlite"));
        await using var postgres =
            await TestServer.StartAsync(Path.Combine(_folder.Path, "postgres"), settings: cluster.Settings("in_english"));
        using var one = sqlite.Client("org");
        using var other = postgres.Client("org");
        await FillAsync(one);
        await FillAsync(other);

        foreach (var order in new[] { "title", "title desc" })
        {
            Assert.Equal(await ListedAsync(one, "", order), await ListedAsync(other, "", order));
        }

        foreach (var field in new[] { "title", "assigned_agent_role", "external_key", "metadata.k", "metadata.nested.k" })
        {
            foreach (var text in Texts)
            {
                foreach (var test in new[] { "{0} < \"{1}\"", "{0} >= \"{1}\"", "{0} = \"{1}\"", "{0} != \"*{1}\"", "{0} = \"{1}*\"",
                    "NOT {0} <= \"{1}\"" })
                {
                    var filter = string.Format(CultureInfo.InvariantCulture, test, field, text);
                    var (here, there) = (await ListedAsync(one, filter, "title"), await ListedAsync(other, filter, "title"));
                    Assert.True(here.SequenceEqual(there),
                        $"{filter}: {string.Join(' ', here)} on SQLite, {string.Join(' ', there)} on PostgreSQL");
                }
            }
        }

        var count = new CountRequest { Kind = ResourceKind.AgentTask, GroupBy = { "assigned_agent_role" } };
        Assert.Equal((await one.Statistics.CountAsync(count)).Groups, (await other.Statistics.CountAsync(count)).Groups);
    }

    private static async Task FillAsync(TaskGrpcClient client) => await client.AgentTasks.BatchCreateAgentTasksAsync(new()
    {
        AgentTasks =
        {
            Texts.Select(text => new AgentTask(Sample.AgentTask())
            {
                Title = text,
                AssignedAgentRole = text,
                ExternalKey = text,
                Metadata = new()
                {
                    Fields = { ["k"] = Value.ForString(text),
                        ["nested"] = Value.ForStruct(new() { Fields = { ["k"] = Value.ForString(text) } }) },
                },
            }),
        },
    });

    /// <summary>The titles, in pages of five, so that the tokens' values are compared too.</summary>
    private static async Task<List<string>> ListedAsync(TaskGrpcClient client, string filter, string order)
    {
        var titles = new List<string>();
        var token = "";
        do
        {
            var page = await client.AgentTasks.ListAgentTasksAsync(
                new() { Filter = filter, OrderBy = order, PageSize = filter.Length > 0 ? 50 : 5, PageToken = token });
            titles.AddRange(page.AgentTasks.Select(task => task.Title));
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        return titles;
    }
}
