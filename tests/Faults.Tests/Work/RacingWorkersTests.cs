using System.Globalization;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>
/// T28, T29: workers race for tasks while the server is killed and frozen. No task has two holders, no stale holder writes, nothing is
/// lost, and each task is finished once.
/// </summary>
public sealed class RacingWorkersTests(ITestOutputHelper output) : IDisposable
{
    private const int Workers = 64;
    private const string Organization = "org";

    private static readonly int Tasks =
        int.Parse(Environment.GetEnvironmentVariable("TASKGRPC_FAULT_TASKS") ?? "1000", CultureInfo.InvariantCulture);

    // Each task has at most 100 ms, and the faults have five minutes.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5) + TimeSpan.FromMilliseconds(100) * Tasks;

    // The test makes more leases of a task expire than workers of an application would.
    private static readonly Dictionary<string, string?> Settings = new() { ["Work:ExpiredLeases"] = "1000" };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Workers_that_race_under_kills_and_freezes_Finish_each_task_once_on_SQLite() => RaceAsync(
        new ServerProcess(_folder.Path, settings: Settings.ToDictionary(
            setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value!)));

    [Fact]
    public async Task Workers_that_race_under_kills_and_freezes_Finish_each_task_once_on_PostgreSQL()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        await RaceAsync(await PostgresReplica.NewAsync(_folder.Path, Settings));
    }

    private async Task RaceAsync(ServerProcess started)
    {
        using var server = started;
        await server.StartAsync();
        using var reader = server.Client(Organization, maxAttempts: 5);
        var (backlog, history) = (new Backlog(Tasks, Limit), new HistoryFile());
        await backlog.CreateAsync(reader);
        var clients = Enumerable.Range(0, Workers).Select(i => server.Client(Organization, $"agent-{i}", type: "agent")).ToList();
        var workers = clients.Select((client, i) => new RacingWorker(client, Organization, $"worker-{i}", history, backlog, i)).ToList();
        var running = workers.Select(worker => worker.RunAsync()).ToList();
        foreach (var part in new[] { 0.2, 0.4 })
        {
            await UntilAsync(backlog, part, running);
            await server.KillAsync();
            await server.StartAsync();
        }

        await UntilAsync(backlog, 0.6, running);
        await server.FreezeAsync();
        // Longer than every lease.
        await Task.Delay(RacingWorker.LeaseDuration * 1.5, TimeProvider.System);
        await server.ThawAsync();
        await Task.WhenAll(running);
        clients.ForEach(client => client.Dispose());
        await JudgeAsync(reader, history, workers.Sum(worker => worker.Refused));
    }

    private static async Task UntilAsync(Backlog backlog, double part, IReadOnlyList<Task> running)
    {
        var reached = backlog.UntilAsync(part);
        var first = await Task.WhenAny([reached, .. running]);
        // A worker that fails ends the test at once.
        await first;
        await reached;
    }

    private async Task JudgeAsync(TaskGrpcClient reader, HistoryFile recorded, int refused)
    {
        recorded.Add(new DrainedEntry(Organization));
        var path = Path.Combine(_folder.Path, "history.jsonl");
        await recorded.WriteAsync(path);
        var history = await HistoryFile.ReadAsync(path);
        var truth = await GroundTruth.ReadAsync(reader, Organization);
        var tasks = truth.Resources.Cast<AgentTask>().ToList();
        var expired = tasks.Sum(task => task.ExpiredLeases);
        output.WriteLine($"{Tasks} tasks, {truth.Log.Count} changes, {history.OfType<ClaimEntry>().Count()} leases received, {expired} "
            + $"expired, {refused} writes refused as those of a lost lease.");
        var violations = HistoryChecker.Check(truth, history);
        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations.Take(20)));
        Assert.Equal(Tasks, tasks.Count(task => task.Status == AgentTaskStatus.Completed));
        Assert.True(expired > 0, "No lease expired: the workers' faults have not happened.");
        Assert.True(refused > 0, "No stale worker wrote: the workers' faults have not happened.");
    }
}
