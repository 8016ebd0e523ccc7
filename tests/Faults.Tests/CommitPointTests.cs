using Grpc.Core;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.Server.Faults;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>T4: the process dies at each point of the commit path, and retries find out the outcome of their requests.</summary>
public sealed class CommitPointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(FaultPoint.BeforeCommit)]
    [InlineData(FaultPoint.AfterCommit)]
    [InlineData(FaultPoint.AfterAnswer)]
    public async Task A_death_on_the_commit_path_Loses_and_doubles_nothing(string faultPoint)
    {
        using var server = new ServerProcess(_folder.Path);
        await server.StartAsync($"{faultPoint}:3");
        using var client = server.Client("org");
        using var stopWatching = new CancellationTokenSource();
        var history = new HistoryFile();
        var watcher = new RecordingWatcher(client, "org", "watch", history);
        var watching = watcher.RunAsync(stopWatching.Token);

        var requests = Enumerable.Range(0, 12).Select(_ => Guid.NewGuid().ToString())
            .Select(id => new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(id), RequestId = id }).ToArray();
        // One call after another, so that the process dies at the fourth commit.
        var answered = 0;
        await Assert.ThrowsAnyAsync<RpcException>(async () =>
        {
            foreach (var request in requests)
            {
                await client.AgentTasks.CreateAgentTaskAsync(request);
                answered++;
            }
        });
        await server.ExitedAsync();
        Assert.InRange(answered, 3, 4);

        await server.StartAsync();
        using var patient = server.Client("org", maxAttempts: 5);
        foreach (var request in requests)
        {
            var answer = await patient.AgentTasks.CreateAgentTaskAsync(request);
            history.Add(new CallEntry(
                "org", request.RequestId, CallOutcome.Acknowledged, Google.Protobuf.MessageExtensions.ToByteArray(answer)));
        }

        var truth = await GroundTruth.ReadAsync(patient, "org");
        while (watcher.Progress < truth.Head)
        {
            await BackOff.WaitAsync();
        }

        await stopWatching.CancelAsync();
        await watching;
        var path = Path.Combine(_folder.Path, "history.jsonl");
        await history.WriteAsync(path);
        Assert.Equal(requests.Length, truth.Log.Count);
        Assert.Empty(HistoryChecker.Check(truth, await HistoryFile.ReadAsync(path)));
    }

    [Fact]
    public async Task A_death_in_mid_compaction_Leaves_the_log_whole()
    {
        const int changes = 700;
        var eager = new Dictionary<string, string> { ["Watch__Retention"] = "00:00:01", ["Watch__CompactionInterval"] = "00:00:00.1" };
        using var compacting = new ServerProcess(_folder.Path, settings: eager);
        // The first compactions find no revision old enough; the first that does dies before its COMMIT.
        await compacting.StartAsync($"{FaultPoint.InCompaction}:0");
        using (var client = compacting.Client("org"))
        {
            await client.BoardTasks.BatchCreateBoardTasksAsync(new() { BoardTasks = { Enumerable.Repeat(Sample.BoardTask(), changes) } });
        }

        await compacting.ExitedAsync();
        using var server = new ServerProcess(_folder.Path);
        await server.StartAsync();
        using var patient = server.Client("org", maxAttempts: 5);
        var log = await patient.ListChangesAsync(new() { PageSize = 1000 }).ToListAsync();
        Assert.Equal(changes, log.Count);
        Assert.Equal(changes, await patient.ListBoardTasksAsync().CountAsync());
        Assert.Equal(1, (await patient.Changes.ListChangesAsync(new())).OldestRevision);
    }
}
