using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>T3, second part: the disk becomes full in the middle of a commit.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_commit_that_the_disk_has_no_room_for_Changes_nothing_and_the_next_one_succeeds(int nth)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed; .ci/run installs it.");
        using var server = new ServerProcess(_folder.Path);
        await server.StartAsync();
        using (var client = server.Client("org"))
        {
            await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask("before") });
        }

        await server.KillAsync();
        // The write that fails belongs to this commit: after the kill, the server writes nothing else to the log before it.
        var log = Path.Combine(_folder.Path, "taskgrpc.db-wal");
        using var full = new ServerProcess(_folder.Path,
            wrapper: ["strace", "-f", "-qq", "-o", "/dev/null", "-P", log, "-e", "trace=pwrite64", "-e",
                $"inject=pwrite64:error=ENOSPC:when={nth}"]);
        await full.StartAsync();
        using (var client = full.Client("org", maxAttempts: 1))
        {
            var large = new BatchCreateAgentTasksRequest();
            large.AgentTasks.AddRange(Enumerable.Range(0, 20).Select(_ =>
            {
                var task = Sample.AgentTask("large");
                task.Description = new string('x', 60_000);
                return task;
            }));
            var refusal =
                await Assert.ThrowsAsync<TaskGrpcException>(async () => await client.AgentTasks.BatchCreateAgentTasksAsync(large));
            Assert.Equal(ErrorReason.StorageFull, refusal.Reason);
            await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask("after") });
            await AssertBothAsync(client);
        }

        await full.TerminateAsync();
        await server.StartAsync();
        using (var client = server.Client("org"))
        {
            await AssertBothAsync(client);
        }
    }

    private static async Task AssertBothAsync(TaskGrpcClient client) =>
        Assert.Equal(["before", "after"],
            (await client.AgentTasks.ListAgentTasksAsync(new() { OrderBy = "created_at" })).AgentTasks.Select(task => task.Title));
}
