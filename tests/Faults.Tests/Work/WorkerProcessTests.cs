using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>
/// T28 with processes: a worker is killed with SIGKILL, another one is stopped with SIGSTOP for longer than its lease and continued. Both
/// hold a task at that time, and others finish it.
/// </summary>
public sealed class WorkerProcessTests : IDisposable
{
    private const string Organization = "org";
    private const int Tasks = 20;

    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(5);

    /// <summary>Shorter than a lease, and so long that a signal reaches a worker that holds a task on a busy machine too.</summary>
    private static readonly TimeSpan LongWork = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan ShortWork = TimeSpan.FromMilliseconds(200);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // On both stores at once, so that the test waits once for the ends of the leases.
    [Fact]
    public async Task Workers_that_are_killed_and_stopped_Lose_their_tasks_to_others_which_finish_each_once()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var settings = cluster.Settings(await cluster.NewDatabaseAsync());
        await Task.WhenAll(RaceAsync("sqlite", []), RaceAsync("postgres", settings));
    }

    private async Task RaceAsync(string store, Dictionary<string, string?> settings)
    {
        await using var server = await TestServer.StartAsync(Path.Combine(_folder.Path, store), settings: settings);
        using var user = server.Client(Organization);
        var task = Sample.AgentTask();
        (task.ExecutionMode, task.ApprovalPolicy) = (ExecutionMode.Deterministic, ApprovalPolicy.AutoExecute);
        await user.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(task, Tasks) } });
        WorkerProcess Start(string name, TimeSpan work) => new(server.Grpc, Organization, name, LeaseDuration, work);
        using var killed = Start("killed", LongWork);
        using var stopped = Start("stopped", LongWork);

        // 1. Two workers get a signal while each holds a task.
        await killed.UntilHoldsAsync();
        await killed.SignalAsync("KILL");
        await stopped.UntilHoldsAsync();
        await stopped.SignalAsync("STOP");

        // 2. Others finish all tasks, also the two whose leases have expired.
        using var first = Start("first", ShortWork);
        using var second = Start("second", ShortWork);
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await user.AgentTasks.ListAgentTasksAsync(new() { Filter = "status != COMPLETED", PageSize = 1 })).AgentTasks.Count > 0)
        {
            Assert.False(late.IsCancellationRequested, "The tasks were not finished.");
            await BackOff.WaitAsync();
        }

        // 3. The stopped worker goes on with what it held.
        await stopped.SignalAsync("CONT");
        await stopped.UntilRefusedAsync();
        await JudgeAsync(user, store, [killed, stopped, first, second]);
    }

    private async Task JudgeAsync(TaskGrpcClient user, string store, IReadOnlyList<WorkerProcess> workers)
    {
        var recorded = new HistoryFile();
        foreach (var entry in workers.SelectMany(worker => worker.History).Append(new DrainedEntry(Organization)))
        {
            recorded.Add(entry);
        }

        var path = Path.Combine(_folder.Path, $"{store}.jsonl");
        await recorded.WriteAsync(path);
        var truth = await GroundTruth.ReadAsync(user, Organization);
        var violations = HistoryChecker.Check(truth, await HistoryFile.ReadAsync(path));
        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations));
        var tasks = truth.Resources.Cast<AgentTask>().ToList();
        Assert.Equal(Tasks, tasks.Count(task => task.Status == AgentTaskStatus.Completed));
        Assert.True(tasks.Sum(task => task.ExpiredLeases) >= 2, "The two leases have not expired.");
    }
}
