using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>Persons who approve at the same time: the quorum is reached once, and no vote beyond it counts.</summary>
public sealed class QuorumRaceTests : IDisposable
{
    private const int Persons = 8;
    private const int Needed = 3;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Votes_that_race_Approve_once_with_as_many_persons_as_are_needed(bool onPostgres)
    {
        Assert.SkipWhen(onPostgres && !PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var settings = new Dictionary<string, string?>();
        if (onPostgres)
        {
            var cluster = await SharedPostgres.ClusterAsync();
            settings = cluster.Settings(await cluster.NewDatabaseAsync());
        }

        await using var server = await TestServer.StartAsync(_folder.Path, settings: settings);
        using var agent = server.Client("org", "agent-1", "agent");
        var persons = Enumerable.Range(0, Persons).Select(i => server.Client("org", $"person-{i}")).ToList();
        for (var round = 0; round < 10; round++)
        {
            var task = Sample.AgentTask();
            (task.ExecutionMode, task.RequiredApprovals) = (ExecutionMode.Deterministic, Needed);
            var asked = await agent.TransitionAsync(await agent.CreateAgentTaskAsync(task), AgentTaskStatus.AwaitingApproval);
            // Each person votes twice at once: the second vote changes nothing.
            var votes = await Task.WhenAll(persons.Concat(persons).Select(person => IsAcceptedAsync(person, asked)));
            var approved = await agent.AgentTasks.GetAgentTaskAsync(new() { Id = asked.Id });
            Assert.Equal((AgentTaskStatus.Executing, ApprovalDecision.Approved), (approved.Status, approved.Approval.Decision));
            Assert.Equal(Needed, approved.Approval.Votes.Select(vote => vote.By.Id).Distinct().Count());
            Assert.Equal(Needed, approved.Approval.Votes.Count);
            Assert.InRange(votes.Count(isAccepted => isAccepted), Needed, 2 * Needed);
        }

        persons.ForEach(person => person.Dispose());
        var truth = await GroundTruth.ReadAsync(agent, "org");
        Assert.Empty(HistoryChecker.Check(truth, []));
        // One change for each vote, and the last one needed moves the task.
        Assert.All(truth.Log.GroupBy(change => change.AgentTask.Id), changes => Assert.Equal(2 + Needed, changes.Count()));
    }

    /// <summary>Approves what was shown; false if the approval was decided before.</summary>
    private static async Task<bool> IsAcceptedAsync(TaskGrpcClient person, AgentTask shown)
    {
        try
        {
            await person.AgentTasks.ApproveAgentTaskAsync(new() { Id = shown.Id, Etag = shown.Etag });
            return true;
        }
        catch (TaskGrpcException refusal) when (refusal.Reason is ErrorReason.EtagMismatch or ErrorReason.NoApprovalPending)
        {
            return false;
        }
    }
}
