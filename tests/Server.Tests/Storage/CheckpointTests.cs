using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>The write-ahead log is checkpointed beside the commits, and restarts from its beginning.</summary>
public sealed class CheckpointTests : IDisposable
{
    private const long Bound = 208 * 1024 * 1024;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_log_Stays_bounded_under_commits_of_twice_its_bound()
    {
        await using var server = await TestServer.StartAsync(_folder.Path);
        using var client = server.Client("org");
        var batch = new BatchCreateAgentTasksRequest();
        batch.AgentTasks.AddRange(Enumerable.Range(0, 40).Select(_ =>
        {
            var task = Sample.AgentTask();
            task.Description = new string('x', 60_000);
            return task;
        }));

        var (written, longest) = (0L, 0L);
        while (written < 2 * Bound)
        {
            // Each task is a row and a change.
            await client.AgentTasks.BatchCreateAgentTasksAsync(batch);
            written += 2L * batch.CalculateSize();
            longest = Math.Max(longest, LengthOf("taskgrpc.db-wal"));
        }

        Assert.InRange(longest, 1, Bound);
        // The database contains what has left the log.
        Assert.InRange(LengthOf("taskgrpc.db"), written - Bound, long.MaxValue);
    }

    private long LengthOf(string file) => new FileInfo(Path.Combine(_folder.Path, file)).Length;
}
