using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>What a restart keeps, and what a second process on the same data may not do.</summary>
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

        // The first server is not affected.
        using var client = first.Client("org");
        await client.CreateAgentTaskAsync();
    }

    [Theory]
    [InlineData("Watch__WriteTimeout", "0", "Watch:WriteTimeout")]
    [InlineData("Watch__WriteTimeout", "soon", "Watch:WriteTimeout")]
    [InlineData("Limits__Connections", "0", "Limits:Connections")]
    [InlineData("Limits__Connections", "many", "Limits:Connections")]
    [InlineData("Storage__Provider", "Oracle", "Storage:Provider")]
    public async Task An_invalid_setting_Is_refused_by_its_key_and_without_a_stack(string variable, string value, string key)
    {
        using var server = new ServerProcess(_folder.Path, settings: new Dictionary<string, string> { [variable] = value });

        await AssertRefusedAsync(server, key);
    }

    [Fact]
    public async Task An_address_that_another_process_has_Is_refused_without_a_stack()
    {
        using var first = new ServerProcess(_folder.Path);
        await first.StartAsync();
        using var folder = new TemporaryFolder();
        using var second = new ServerProcess(
            folder.Path, settings: new Dictionary<string, string> { ["Kestrel__Endpoints__Grpc__Url"] = first.Address.ToString() });

        await AssertRefusedAsync(second, "already in use");
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

    private static async Task AssertRefusedAsync(ServerProcess server, string part)
    {
        Assert.False(await server.TryStartAsync());
        await server.ExitedAsync();
        Assert.Equal(1, server.ExitCode);
        Assert.Contains(server.Output,
            line => line.Contains("does not start", StringComparison.Ordinal) && line.Contains(part, StringComparison.Ordinal));
        Assert.DoesNotContain(server.Output,
            line => line.Contains("Exception", StringComparison.Ordinal) || line.StartsWith("   at ", StringComparison.Ordinal));
    }
}
