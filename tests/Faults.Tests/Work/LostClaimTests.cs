using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.Server.Faults;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>T29: the server dies between the COMMIT of a claim and its answer.</summary>
public sealed class LostClaimTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task A_lost_claim_Is_found_by_its_request_id_or_comes_back_on_SQLite() => LoseAsync(new ServerProcess(_folder.Path));

    [Fact]
    public async Task A_lost_claim_Is_found_by_its_request_id_or_comes_back_on_PostgreSQL()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        await LoseAsync(await PostgresReplica.NewAsync(_folder.Path));
    }

    private static async Task LoseAsync(ServerProcess started)
    {
        // 1. Two tasks, and a claim of the first whose answer is lost: the server dies after its third COMMIT.
        using var server = started;
        await server.StartAsync($"{FaultPoint.AfterCommit}:2");
        using var maker = server.Client("org");
        var found = await maker.CreateAgentTaskAsync(Sample.AgentTask("found again"));
        var lost = await maker.CreateAgentTaskAsync(Sample.AgentTask("lost"));
        var request = Claim();
        await LoseAnswerAsync(server, request);

        // 2. The same request_id gives the same lease, as often as it is sent. This server dies after its fourth COMMIT.
        await server.StartAsync($"{FaultPoint.AfterCommit}:3");
        using var patient = server.Client("org", "agent-1", maxAttempts: 5, type: "agent");
        var lease = Assert.Single((await patient.Work.ClaimNextAsync(request)).Leases);
        Assert.Equal((found.Id, 1), (lease.AgentTask.Id, lease.ClaimCount));
        Assert.Equal(lease.LeaseToken, Assert.Single((await patient.Work.ClaimNextAsync(request)).Leases).LeaseToken);
        await patient.AgentTasks.TransitionAgentTaskAsync(
            new() { Id = found.Id, Status = AgentTaskStatus.Canceled, LeaseToken = lease.LeaseToken });

        // 3. Without the request_id the lost lease ends, and the work comes back.
        await LoseAnswerAsync(server, Claim());
        await server.StartAsync();
        var waiting = Claim();
        waiting.Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(60));
        var again = Assert.Single((await patient.Work.ClaimNextAsync(
            waiting, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(70))).Leases);
        Assert.Equal((lost.Id, 2, 1), (again.AgentTask.Id, again.ClaimCount, again.AgentTask.ExpiredLeases));
        Assert.Empty(HistoryChecker.Check(await GroundTruth.ReadAsync(patient, "org"), []));
    }

    /// <summary>Sends the claim after whose COMMIT the server dies.</summary>
    private static async Task LoseAnswerAsync(ServerProcess server, ClaimNextRequest request)
    {
        using var agent = server.Client("org", "agent-1", type: "agent");
        await Assert.ThrowsAnyAsync<RpcException>(() => agent.Work.ClaimNextAsync(request).ResponseAsync);
        await server.ExitedAsync();
    }

    private static ClaimNextRequest Claim() => new()
    {
        Kind = ResourceKind.AgentTask,
        Worker = "w1",
        LeaseDuration = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
        RequestId = Guid.NewGuid().ToString(),
    };
}
