using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>The steps of 'Remove a mistake' in docs/operations.md remove a text from SQLite.</summary>
public sealed class RemovedTextTests : IDisposable
{
    private static readonly byte[] Secret = "a-secret-in-a-title"u8.ToArray();

    private readonly TemporaryFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    private string Database => Path.Combine(Data, "taskgrpc.db");

    private string Backup => Path.Combine(_folder.Path, "backup.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_text_that_an_update_overwrote_Is_in_a_backup_until_log_and_answers_expire()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using (var first = await TestServer.StartAsync(Data, time))
        {
            using var client = first.Client("org");
            var task = new AgentTask
            {
                TaskType = "t",
                SourceType = SourceType.Event,
                Title = System.Text.Encoding.UTF8.GetString(Secret)
            };
            task = await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = task });
            await client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = new() { Id = task.Id, Title = "removed" } });
        }

        Assert.True(Holds(await BackUpAsync()));
        time.Advance(TimeSpan.FromDays(2));
        var settings = new Dictionary<string, string?> { ["Watch:Retention"] = "00:05:00" };
        await using (var second = await TestServer.StartAsync(Data, time, settings))
        {
            using var client = second.Client("org");
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
            while ((await client.Changes.ListChangesAsync(new())).OldestRevision <= 2 || await RequestsAsync() > 0)
            {
                limit.Token.ThrowIfCancellationRequested();
                time.Advance(TimeSpan.FromMinutes(1));
            }
        }

        Assert.False(Holds(await BackUpAsync()));
    }

    private static bool Holds(string file) => File.ReadAllBytes(file).AsSpan().IndexOf(Secret) >= 0;

    private async Task<string> BackUpAsync()
    {
        File.Delete(Backup);
        var ended = await ServerCommand.RunAsync(
            ["backup", Backup], new Dictionary<string, string?> { ["Storage__DataDirectory"] = Data });
        Assert.True(ended.ExitCode == 0, ended.Error);
        return Backup;
    }

    private async Task<long> RequestsAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM requests";
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
