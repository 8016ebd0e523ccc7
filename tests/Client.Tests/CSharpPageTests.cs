using System.Threading.Channels;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>The samples of docs/csharp.md do what the page says.</summary>
public sealed class CSharpPageTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_changes_the_wait_and_the_pages_Run()
    {
        using var client = server.NewClient();
        var task = await client.CreateAsync(Sample.AgentTask());
        var waiting = CSharpPage.WaitAsync(client, task);
        await CSharpPage.ChangeAsync(client, task);
        Assert.Equal((90, "The customer called again."),
            ((await client.GetAgentTaskAsync(task.Id)).Priority, (await client.GetAgentTaskAsync(task.Id)).Description));
        await CSharpPage.PagesAsync(client);
        await client.TransitionAsync(task.Id, AgentTaskStatus.Canceled);
        await waiting.WaitAsync(Limit);
    }

    [Fact]
    public async Task The_consumer_that_stores_tokens_Reads_the_log()
    {
        using var client = server.NewClient();
        await client.CreateAsync(Sample.AgentTask());
        var lines = Channel.CreateUnbounded<string>();
        var running = CSharpPage.ResumeAsync(client, line => lines.Writer.TryWrite(line));
        Assert.Equal("1: Created", await lines.Reader.ReadAsync().AsTask().WaitAsync(Limit));
        client.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task The_application_Starts_and_its_service_watches_until_it_stops()
    {
        using var folder = new TemporaryFolder();
        await using var own = await TestServer.StartAsync(folder.Path);
        using var stop = new CancellationTokenSource();
        var running = CSharpPage.ApplicationAsync(own.Grpc, ["--Tasks:Address", own.Grpc.ToString()], stop.Token);
        while (own.OpenWatches == 0)
        {
            Assert.False(running.IsCompleted, $"{running.Exception}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        await stop.CancelAsync();
        await running.WaitAsync(Limit);
    }

    [Fact]
    public async Task The_worker_Asks_for_an_approval_and_then_pays()
    {
        using var folder = new TemporaryFolder();
        await using var own = await TestServer.StartAsync(folder.Path);
        using var client = own.Client("default");
        using var stop = new CancellationTokenSource();
        var running = CSharpPage.WorkerAsync(own.Grpc, [], stop.Token);
        var task = await client.CreateAsync(Sample.AgentTask());

        await client.ApproveAsync(await client.WaitForAgentTaskAsync(task.Id, AgentTaskStatus.AwaitingApproval, Limit));
        var end = await client.WaitForAgentTaskAsync(task.Id, AgentTaskStatus.Completed, Limit);
        Assert.Equal(("paid", 50), (end.Result.StringValue, end.Progress.Percent));
        await stop.CancelAsync();
        await running.WaitAsync(Limit);
    }

    [Fact]
    public async Task The_handler_Is_tested_without_a_worker()
    {
        using var client = server.NewClient();
        var work = new TaskGrpcWork<AgentTask>(client, new Lease { AgentTask = Sample.AgentTask() });
        var result = await new CSharpPage.RefundHandler(new CSharpPage.Tokens()).HandleAsync(work, CancellationToken.None);
        Assert.Equal("Refund order 1042: paid with a token of 20 characters", result!.StringValue);
    }

    [Fact]
    public async Task The_recipes_of_the_page_on_work_Run()
    {
        using var client = server.NewClient();
        var task = await client.CreateAsync(Sample.AgentTask());
        await client.TransitionAsync(task.Id, AgentTaskStatus.Failed, error: "The bank is down.");
        await WorkPage.RetryAsync(client);
        Assert.Single(await client.ClaimNextAsync(ResourceKind.AgentTask, "worker"));
        await WorkPage.TakeOverAsync(client, task);
        task = await client.GetAgentTaskAsync(task.Id);
        Assert.Equal((AgentTaskStatus.Blocked, AgentTaskStatus.Planning), (task.Status, task.BlockedFrom));
        Assert.Null(task.Lease);

        await WorkPage.DependAsync(client);
        var first = Assert.Single(await client.ClaimNextAsync(ResourceKind.BoardTask, "worker", maxTasks: 10));
        Assert.Equal("Repair the pump", first.BoardTask.Title);
        await client.TransitionAsync(first.BoardTask.Id, BoardTaskStatus.Done, leaseToken: first.LeaseToken);
        Assert.Equal("Test the pump", Assert.Single(await client.ClaimNextAsync(ResourceKind.BoardTask, "worker")).BoardTask.Title);
    }

    [Fact]
    public async Task The_mock_Answers()
    {
        using var client = CSharpPage.Mock();
        Assert.Equal("made", (await client.CreateAsync(Sample.AgentTask())).Title);
        Assert.Equal("listed", (await client.ListAgentTasksAsync().SingleAsync()).Title);
        Assert.Equal(
            ErrorReason.ResourceNotFound, (await Assert.ThrowsAsync<TaskGrpcException>(() => client.GetAgentTaskAsync("2"))).Reason);
    }
}
