using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>Reads between commits share one lock that the file already holds, so they need few system calls.</summary>
public sealed class ReadLockTests : IDisposable
{
    private const int Reads = 300;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reads_between_commits_Take_no_lock_of_the_file()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed; .ci/run installs it.");
        var calls = Path.Combine(_folder.Path, "calls");
        using var server = new ServerProcess(_folder.Path, wrapper: ["strace", "-f", "-qq", "-A", "-o", calls, "-e", "trace=fcntl"]);
        await server.StartAsync();
        using (var client = server.Client("org"))
        {
            await ReadAsync(client, await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask() }));
        }

        // SQLite reads under another lock when the whole log has been checkpointed.
        await server.TerminateAsync();
        await server.StartAsync();
        using (var client = server.Client("org"))
        {
            await ReadAsync(client, Assert.Single((await client.AgentTasks.ListAgentTasksAsync(new())).AgentTasks));
        }

        await server.TerminateAsync();
        Assert.InRange(File.ReadLines(calls).Count(call => call.Contains("F_SETLK", StringComparison.Ordinal)), 1, Reads);
    }

    private static async Task ReadAsync(TaskGrpcClient client, AgentTask task)
    {
        for (var i = 0; i < Reads; i++)
        {
            Assert.Equal(task, await client.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }));
        }
    }
}
