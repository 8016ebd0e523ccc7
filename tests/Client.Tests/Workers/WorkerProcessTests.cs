using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests.Workers;

public sealed class WorkerProcessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_server_that_is_killed_while_handlers_run_Gets_their_results_after_its_restart()
    {
        using var folder = new TemporaryFolder();
        using var server = new ServerProcess(folder.Path);
        await server.StartAsync();
        using var client = server.Client("default", maxAttempts: 10);
        var task = await client.CreateAsync(WorkerBench.Free("before"));
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var own = new TaskGrpcClient(new TaskGrpcClientOptions { Address = server.Address });
        var worker = new TaskGrpcWorker<AgentTask>(own, new() { Concurrency = 2 }, async (_, _) =>
        {
            begun.TrySetResult();
            await goOn.Task;
        });

        await WorkerBench.WhileAsync(worker, async () =>
        {
            await begun.Task.WaitAsync(Limit);
            await server.KillAsync();
            // The handler ends while no server is there.
            goOn.SetResult();
            await server.StartAsync();
            var end = await WorkerBench.UntilAsync(client, task.Id, seen => seen.Status == AgentTaskStatus.Completed);
            Assert.Equal((1, 0), (end.ClaimCount, end.ExpiredLeases));
            var next = await client.CreateAsync(WorkerBench.Free("after"));
            await WorkerBench.UntilAsync(client, next.Id, seen => seen.Status == AgentTaskStatus.Completed);
        });
    }
}
