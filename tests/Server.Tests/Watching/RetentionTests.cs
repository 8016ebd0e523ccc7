using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Watching;

/// <summary>The log is kept forever unless a retention is set.</summary>
public sealed class RetentionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00:00:01")]
    [InlineData("3650.00:00:00")]
    public async Task A_log_of_twenty_years_Is_kept_unless_a_retention_is_set(string? retention)
    {
        const int turns = 20;
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using (var first = await TestServer.StartAsync(_folder.Path, time))
        {
            using var client = first.Client("org");
            await client.CreateAgentTaskAsync();
        }

        time.Advance(TimeSpan.FromDays(20 * 365));
        var settings = new Dictionary<string, string?> { ["Watch:CompactionInterval"] = "00:00:01" };
        if (retention is not null)
        {
            settings["Watch:Retention"] = retention;
        }

        await using var server = await TestServer.StartAsync(_folder.Path, time, settings);
        using var later = server.Client("org");
        var (oldest, revision) = (1L, 1);
        // A compaction is due in each turn, and the commit passes the lane that the compaction passes.
        while (revision <= turns || (oldest == 1 && !string.IsNullOrEmpty(retention) && revision < 1000))
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await later.CreateAgentTaskAsync();
            revision++;
            oldest = (await later.Changes.ListChangesAsync(new())).OldestRevision;
        }

        Assert.Equal(string.IsNullOrEmpty(retention), oldest == 1);
    }

    [Fact]
    public async Task A_compaction_that_the_database_refuses_Is_logged_and_done_once_the_database_allows_it()
    {
        var settings = new Dictionary<string, string?> { ["Watch:Retention"] = "00:00:01", ["Watch:CompactionInterval"] = "00:00:00.1" };
        await using var server = await TestServer.StartAsync(_folder.Path, settings: settings);
        server.ExpectErrors("refused to remove");
        using var client = server.Client("org");
        await ExecuteAsync("CREATE TRIGGER keep BEFORE DELETE ON changes BEGIN SELECT RAISE(ABORT, 'kept'); END");
        await client.CreateAgentTaskAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        while (server.Errors.Count == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await client.Changes.ListChangesAsync(new());
        }

        Assert.Equal(1, (await client.Changes.ListChangesAsync(new())).OldestRevision);
        await ExecuteAsync("DROP TRIGGER keep");
        while ((await client.Changes.ListChangesAsync(new())).OldestRevision == 1)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "taskgrpc.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
