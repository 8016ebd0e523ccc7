using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>The commands of the page on HTTP do what it says. Its HTML page is tested in a browser.</summary>
public sealed class HttpPageTests
{
    private readonly ShownPage _page = new("docs/http.md");

    [Fact]
    public async Task Curl_Creates_changes_counts_claims_and_is_told_its_mistakes()
    {
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path);
        using var terminal = await Terminal.OpenAsync(("127.0.0.1:5081", server.Http.Authority));

        Assert.Contains("AGENT_TASK_STATUS_QUEUED", await RunAsync("create"), StringComparison.Ordinal);
        var changed = await RunAsync("change");
        Assert.Contains("\"dueAt\": \"2030-01-01T00:00:00Z\"", changed, StringComparison.Ordinal);
        Assert.Contains("Refund order 1045\n", changed, StringComparison.Ordinal);
        Assert.Contains("\"total\": \"2\"", changed, StringComparison.Ordinal);
        using var client = server.Client("default");
        var moved = Assert.Single((await client.AgentTasks.ListAgentTasksAsync(new() { Filter = "status = PLANNING" })).AgentTasks);
        Assert.Equal((7, false), (moved.Priority, moved.DueAt is not null));

        var error = await RunAsync("error");
        Assert.Contains("agent_task.prioritty", error, StringComparison.Ordinal);
        await terminal.RunUntilAsync(_page.Command("watch"), "id: ");
        await terminal.RunUntilAsync(_page.Command("lines"), "snapshotComplete");
        Assert.Contains("my terminal", await RunAsync("claim"), StringComparison.Ordinal);

        async Task<string> RunAsync(string name)
        {
            var (code, output) = await terminal.RunAsync(_page.Command(name));
            Assert.True(code == 0, output);
            return output;
        }
    }
}
