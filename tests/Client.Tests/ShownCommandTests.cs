using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>The commands in the README and the docs do what the page says.</summary>
public sealed class ShownCommandTests
{
    /// <summary>The statuses of the README's task, in order.</summary>
    private static readonly string[] Statuses =
        [.. ((string[])["QUEUED", "PLANNING", "AWAITING_APPROVAL", "EXECUTING", "COMPLETED"])
            .Select(status => "AGENT_TASK_STATUS_" + status)];

    private readonly ShownPage _readme = new("README.md");

    [Fact]
    public void Every_command_of_the_README_and_the_tour_Has_a_test()
    {
        // The unnamed block is `dotnet test`, which .ci/run runs.
        Assert.Equal(["server", "project", "program", "watch", "grpcurl watch", "worker", "identity"], _readme.Commands);
        Assert.Equal(8, _readme.CommandBlocks);
        Assert.Contains("\nTest it:\n\n```sh\ndotnet test\n```\n", _readme.Text, StringComparison.Ordinal);

        var tour = new ShownPage("docs/tour.md");
        Assert.Equal(
            ["approval", "refused", "update", "filter", "count", "snapshot", "history", "key", "blocker", "resume"], tour.Commands);
        Assert.Equal(10, tour.CommandBlocks);
        Assert.Equal(["leases"], new ShownPage("docs/work.md").Commands);
        var http = new ShownPage("docs/http.md");
        Assert.Equal(["create", "change", "error", "watch", "lines", "claim"], http.Commands);
        Assert.Equal(6, http.CommandBlocks);
    }

    [Fact]
    public async Task The_server_Starts_and_ends_as_the_README_says()
    {
        using var folder = new TemporaryFolder();
        using var terminal = await Terminal.OpenAsync();
        terminal.Environment["Kestrel__Endpoints__Grpc__Url"] = "http://127.0.0.1:0";
        terminal.Environment["Kestrel__Endpoints__Http__Url"] = "http://127.0.0.1:0";
        terminal.Environment["Storage__DataDirectory"] = folder.Path;

        Assert.Equal(0, await terminal.RunUntilAsync(_readme.Command("server"), "Application started"));
        Assert.True(File.Exists(Path.Combine(folder.Path, "taskgrpc.db")));
    }

    [Fact]
    public async Task The_first_program_Is_built_in_a_folder_of_its_own_and_prints_what_the_README_shows()
    {
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(Path.Combine(folder.Path, "data"));
        var project = Path.Combine(folder.Path, "first-task");
        using var terminal = await Terminal.OpenAsync(("~/first-task", project));

        Succeeds(await terminal.RunAsync(_readme.Command("project")));
        var program = _readme.Sample("first task") + _readme.Sample("first worker") + new ShownPage("docs/csharp.md").Sample("refusal");
        Assert.Contains("http://127.0.0.1:5080", program, StringComparison.Ordinal);
        program = program.Replace("127.0.0.1:5080", server.Grpc.Authority, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), program);
        var output = Succeeds(await terminal.RunAsync(_readme.Command("program")));

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] changes = [.. Statuses.Select((status, at) => $"{at + 1}: {(at == 0 ? "" : Statuses[at - 1])} -> {status}")];
        Assert.Equal([.. changes, "Refund order 1042: paid"], lines[..^1]);
        Assert.StartsWith("Allowed now: Planning, ", lines[^1], StringComparison.Ordinal);
        Assert.Contains($"\n```\n{string.Join('\n', changes)}\n```\n", _readme.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_worker_in_a_terminal_Claims_beats_and_completes()
    {
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path);
        using var terminal = await Terminal.OpenAsync(
            ("127.0.0.1:5080", server.Grpc.Authority), ("127.0.0.1:5081", server.Http.Authority));

        var output = Succeeds(await terminal.RunAsync(_readme.Command("worker")));
        Assert.Contains("HEARTBEAT_DIRECTIVE_CONTINUE", output, StringComparison.Ordinal);
        using var client = server.Client("default");
        var task = Assert.Single((await client.AgentTasks.ListAgentTasksAsync(new())).AgentTasks);
        Assert.Equal((AgentTaskStatus.Completed, "paid", 50), (task.Status, task.Result.StringValue, task.Progress.Percent));

        await terminal.RunUntilAsync(_readme.Command("watch"), "id: ");
        await terminal.RunUntilAsync(_readme.Command("grpcurl watch"), "resumeToken");
        var others = Succeeds(await terminal.RunAsync(_readme.Command("identity")));
        Assert.Contains("resumeToken", others, StringComparison.Ordinal);
        Assert.DoesNotContain("agentTasks", others, StringComparison.Ordinal);

        await client.CreateAsync(Sample.AgentTask());
        await client.ClaimNextAsync(ResourceKind.AgentTask, "a worker of the test");
        var leases = Succeeds(await terminal.RunAsync(new ShownPage("docs/work.md").Command("leases")));
        Assert.Contains("a worker of the test", leases, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tour_Does_what_it_says()
    {
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path);
        using var terminal = await Terminal.OpenAsync(("127.0.0.1:5080", server.Grpc.Authority));
        var tour = new ShownPage("docs/tour.md");

        var output = Succeeds(await terminal.RunAsync(tour.Command("approval")));
        var moves = Statuses.Select((status, at) => $$"""{{{(at == 0 ? "" : $"\"from\":\"{Statuses[at - 1]}\",")}}"to":"{{status}}"}""");
        Assert.EndsWith(string.Join('\n', moves) + "\n", output, StringComparison.Ordinal);
        var (code, refusal) = await terminal.RunAsync(tour.Command("refused"));
        Assert.NotEqual(0, code);
        Assert.Contains("AGENT_TASK_STATUS_PLANNING", refusal, StringComparison.Ordinal);
        var updated = Succeeds(await terminal.RunAsync(tour.Command("update")));
        Assert.Contains("\"dueAt\": \"2030-01-01T00:00:00Z\"", updated, StringComparison.Ordinal);
        Assert.Contains("Refund order 1044", Succeeds(await terminal.RunAsync(tour.Command("filter"))), StringComparison.Ordinal);
        Assert.Contains("\"status\": \"AGENT_TASK_STATUS_QUEUED\"", Succeeds(await terminal.RunAsync(tour.Command("count"))),
            StringComparison.Ordinal);
        await terminal.RunUntilAsync(tour.Command("snapshot"), "snapshotComplete");
        Assert.Contains("CHANGE_TYPE_UPDATED", Succeeds(await terminal.RunAsync(tour.Command("history"))), StringComparison.Ordinal);
        var (second, exists) = await terminal.RunAsync(tour.Command("key"));
        Assert.NotEqual(0, second);
        Assert.Contains("has the external key 'order-1045'", exists, StringComparison.Ordinal);
        Assert.Equal("1\nDesign the label\nBOARD_TASK_STATUS_DONE\nPrint the label\n",
            Succeeds(await terminal.RunAsync(tour.Command("blocker"))));
        Assert.Contains("CHANGE_TYPE_DELETED", Succeeds(await terminal.RunAsync(tour.Command("resume"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_flow_of_two_tasks_Hands_the_first_output_to_the_second()
    {
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path);
        using var terminal = await Terminal.OpenAsync(("127.0.0.1:5080", server.Grpc.Authority));

        Succeeds(await terminal.RunAsync(new ShownPage("docs/flows.md").Command("flow")));
        using var client = server.Client("default");
        var page = await client.TaskExecutions.ListTaskExecutionsAsync(new() { Filter = "task_name = second" });
        var second = Assert.Single(page.TaskExecutions);
        Assert.Equal("https://example.com/1", second.Input.StructValue.Fields["url"].StringValue);
    }

    [Fact]
    public async Task The_server_of_the_security_page_Starts_in_Development_and_takes_tokens()
    {
        using var folder = new TemporaryFolder();
        using var issuer = new TestIssuer(folder.Path);
        var settings = issuer.Settings.ToDictionary(pair => pair.Key.Replace(":", "__", StringComparison.Ordinal), pair => pair.Value!);
        settings["DOTNET_ENVIRONMENT"] = "Development";
        using var server = new ServerProcess(Path.Combine(folder.Path, "data"), settings: settings);
        await server.StartAsync();

        using var client = new TaskGrpcClient(new() { Address = server.Address, AccessToken = _ => new(issuer.Token("tasks:read")) });
        Assert.Empty((await client.AgentTasks.ListAgentTasksAsync(new())).AgentTasks);
        using var stranger = new TaskGrpcClient(new() { Address = server.Address });
        var refusal = await Assert.ThrowsAsync<TaskGrpcException>(async () => await stranger.AgentTasks.ListAgentTasksAsync(new()));
        Assert.Equal(ErrorReason.TokenMissing, refusal.Reason);
    }

    [Theory]
    [InlineData("export A=1")]
    [InlineData("A=1")]
    [InlineData("f() { true; }")]
    [InlineData("cd /tmp")]
    public async Task Commands_that_change_the_shell_Are_noticed(string commands)
    {
        using var terminal = await Terminal.OpenAsync();
        var (code, output) = await terminal.RunAsync(commands);
        Assert.NotEqual(0, code);
        Assert.Contains("The commands have changed the shell.", output, StringComparison.Ordinal);
        Assert.Equal((0, ""), await terminal.RunAsync($"({commands})"));
    }

    private static string Succeeds((int Code, string Output) run)
    {
        Assert.True(run.Code == 0, run.Output);
        return run.Output;
    }
}
