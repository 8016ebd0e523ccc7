using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>A migration brings a database of an earlier release up to date with its data.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_empty_file_Becomes_a_database()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "taskgrpc.db"), []);
        await using var server = await TestServer.StartAsync(_folder.Path);
        using var client = server.Client("org");
        Assert.NotEmpty((await client.CreateAgentTaskAsync()).Id);
    }

    [Fact]
    public async Task Tasks_from_before_the_filters_Are_found_by_them()
    {
        string deleted, ended;
        await using (var server = await TestServer.StartAsync(_folder.Path))
        {
            using var client = server.Client("org");
            var sample = Sample.AgentTask();
            sample.Metadata = new Struct { Fields = { ["team"] = Value.ForString("blue") } };
            await client.CreateAgentTaskAsync(sample);
            ended = (await client.TransitionAsync(await client.CreateAgentTaskAsync(), AgentTaskStatus.Canceled)).Id;
            deleted = (await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = (await client.CreateAgentTaskAsync()).Id })).Id;
        }

        using (var db = new SqliteTaskDb(new DbContextOptionsBuilder<SqliteTaskDb>()
            .UseSqlite($"Data Source={Path.Combine(_folder.Path, "taskgrpc.db")};Pooling=False").Options))
        {
            await db.Database.MigrateAsync("Initial");
        }

        SqliteConnection.ClearAllPools();
        await using (var server = await TestServer.StartAsync(_folder.Path))
        {
            using var client = server.Client("org");
            // The migration computes the revision of each state: at revision 2 the task had not ended.
            using var watch =
                await WatchProbe.OpenAsync(client, new WatchRequest { Ids = { ended }, AfterRevision = 2, StopWhenTerminal = true });
            await watch.UntilEndAsync();
            Assert.Equal(3, Assert.Single(watch.Events).Change.Revision);
            Assert.Single((await client.AgentTasks.ListAgentTasksAsync(new() { Filter = "metadata.team = \"blue\"" })).AgentTasks);
            Assert.Equal(deleted,
                Assert.Single(
                    (await client.AgentTasks.ListAgentTasksAsync(new() { Filter = "deleted_at:*", ShowDeleted = true })).AgentTasks).Id);
        }
    }
}
