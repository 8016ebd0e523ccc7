using TaskGrpc.Testing;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>What a restart keeps, and what a second process may not do.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task T26_A_second_process_on_the_same_file_Refuses_to_start()
    {
        using var first = new ServerProcess(_folder.Path);
        await first.StartAsync();
        using var second = new ServerProcess(_folder.Path);

        Assert.False(await second.TryStartAsync());
        await second.ExitedAsync();
        Assert.Equal(1, second.ExitCode);

        // The first one has not noticed.
        using var client = first.Client("org");
        await client.CreateAgentTaskAsync();
    }

    [Fact]
    public async Task A_request_id_and_a_token_Outlive_a_kill()
    {
        using var server = new ServerProcess(_folder.Path);
        await server.StartAsync();
        using var client = server.Client("org", maxAttempts: 5);
        var request = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(), RequestId = Guid.NewGuid().ToString() };
        var task = await client.AgentTasks.CreateAgentTaskAsync(request);
        string token;
        using (var watch = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 }))
        {
            await watch.UntilAsync(1);
            token = watch.Last.ResumeToken;
        }

        await server.KillAsync();
        await server.StartAsync();

        Assert.Equal(task, await client.AgentTasks.CreateAgentTaskAsync(request));
        var moved = await client.TransitionAsync(task, AgentTaskStatus.Planning);
        using var resumed = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = token });
        await resumed.UntilAsync(2);
        Assert.Equal(moved, resumed.Events.Single().Change.AgentTask);
    }
}
