using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>T3, first part: fsync fails. What a restart finds in the log is then unknown, so the server promises no outcome.</summary>
public sealed class SyncFailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_failed_sync_Stops_the_server_and_leaves_each_request_whole_or_not_at_all(int nth)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed; .ci/run installs it.");
        using var server = new ServerProcess(_folder.Path);
        await server.StartAsync();
        await server.KillAsync();
        // From the nth sync on, every sync fails. The schema exists already, so these are syncs of commits.
        using var failing = new ServerProcess(_folder.Path,
            wrapper: ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e",
                $"inject=fsync,fdatasync:error=EIO:when={nth}+"]);
        await failing.StartAsync();
        using var client = failing.Client("org");
        var history = new HistoryFile();
        var requests = Enumerable.Range(0, 10).Select(_ => Guid.NewGuid().ToString())
            .Select(id => new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(id), RequestId = id }).ToArray();
        var refusals = new List<RpcException>();
        foreach (var request in requests)
        {
            try
            {
                var answer = await client.AgentTasks.CreateAgentTaskAsync(request);
                Assert.Empty(refusals);
                history.Add(new CallEntry(
                    "org", request.RequestId, CallOutcome.Acknowledged, Google.Protobuf.MessageExtensions.ToByteArray(answer)));
            }
            catch (RpcException refusal)
            {
                refusals.Add(refusal);
                history.Add(new CallEntry("org", request.RequestId, CallOutcome.Unknown, []));
            }
        }

        await failing.ExitedAsync();
        Assert.NotEqual(0, failing.ExitCode);
        Assert.Equal(ErrorReason.StorageUnavailable, Assert.IsType<TaskGrpcException>(refusals[0]).Reason);

        await server.StartAsync();
        using var patient = server.Client("org", maxAttempts: 5);
        foreach (var request in requests)
        {
            history.Add(new CallEntry("org", request.RequestId, CallOutcome.Acknowledged,
                Google.Protobuf.MessageExtensions.ToByteArray(await patient.AgentTasks.CreateAgentTaskAsync(request))));
        }

        var path = Path.Combine(_folder.Path, "history.jsonl");
        await history.WriteAsync(path);
        var truth = await GroundTruth.ReadAsync(patient, "org");
        Assert.Equal(requests.Length, truth.Log.Count);
        Assert.Empty(HistoryChecker.Check(truth, await HistoryFile.ReadAsync(path)));
    }
}
