using CsCheck;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Conformance.Tests.AgentTasks;

/// <summary>Random approvers, edits, withdrawals and ends of time against a plain model: nothing unapproved ever executes.</summary>
public sealed class ApprovalModelTests : IAsyncLifetime
{
    /// <summary>The first is the requester, the second is an AGENT.</summary>
    private static readonly (string Id, string Type)[] Actors =
        [("requester", "user"), ("robot", "agent"), ("anna", "user"), ("bob", "user"), ("carl", "user")];

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private TaskGrpcClient[] _clients = [];
    private TestServer? _server;

    private enum Step
    {
        Approve,
        Reject,
        Ask,
        Withdraw,
        EditTitle,
        EditPriority,
        Execute,
        Wait,
    }

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(_folder.Path, _time);
        _clients = [.. Actors.Select(actor => _server.Client("org", actor.Id, actor.Type))];
    }

    public async ValueTask DisposeAsync()
    {
        Array.ForEach(_clients, client => client.Dispose());
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_decision_Follows_the_plain_model()
    {
        // Approvals are as frequent as everything else together.
        var step = Gen.Frequency(
            (7, Gen.Const(Step.Approve)), (2, Gen.Const(Step.Ask)), (5, Gen.Int[1, 7].Select(number => (Step)number)));
        var policies = Gen.Int[2, 4].Select(number => (ApprovalPolicy)number);
        var games = Gen.Select(policies, Gen.Int[1, 3], Gen.Select(step, Gen.Int[0, 4], Gen.Int[0, 3]).Array[5, 25]);
        await games.SampleAsync(game => PlayAsync(game.Item1, game.Item2, game.Item3), iter: 60, threads: 1);
    }

    private async Task PlayAsync(ApprovalPolicy policy, int required, (Step Step, int Actor, int Age)[] steps)
    {
        var sample = Sample.AgentTask();
        (sample.ApprovalPolicy, sample.RequiredApprovals) = (policy, required);
        sample.ApprovalTimeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(1));
        var task = await _clients[0].TransitionAsync(await _clients[0].CreateAgentTaskAsync(sample), Planning);
        var model = new ApprovalModel(policy, required);
        model.Saw(task.Etag);
        foreach (var (step, actor, age) in steps)
        {
            await TakeAsync(model, task.Id, step, actor, age);
            task = await _clients[0].AgentTasks.GetAgentTaskAsync(new() { Id = task.Id });
            Assert.Equal(model.Status, task.Status);
            Assert.Equal(model.Decision, task.Approval is { HasDecision: true } decided ? decided.Decision : null);
            Assert.Equal(model.Votes, task.Approval?.Votes.Select(vote => vote.By.Id) ?? []);
            model.Saw(task.Etag);
        }
    }

    private async Task TakeAsync(ApprovalModel model, string id, Step step, int actor, int age)
    {
        var (client, (name, type)) = (_clients[actor], Actors[actor]);
        switch (step)
        {
            case Step.Approve:
                await ExpectAsync(model.Approve(name, type, model.Etag(age)),
                    () => client.AgentTasks.ApproveAgentTaskAsync(new() { Id = id, Etag = model.Etag(age) }).ResponseAsync);
                break;
            case Step.Reject:
                await ExpectAsync(model.Reject(name, type, model.Etag(age)),
                    () => client.AgentTasks.RejectAgentTaskAsync(new() { Id = id, Etag = model.Etag(age) }).ResponseAsync);
                break;
            case Step.Ask:
                await ExpectAsync(model.Ask(), () => _clients[0].TransitionAsync(new AgentTask { Id = id }, AwaitingApproval));
                break;
            case Step.Withdraw:
                await ExpectAsync(model.Withdraw(), () => client.TransitionAsync(new AgentTask { Id = id }, Planning));
                break;
            case Step.EditTitle:
                model.EditTitle();
                await EditAsync(client, new() { Id = id, Title = $"Title {Guid.NewGuid()}" });
                break;
            case Step.EditPriority:
                model.EditOther();
                await EditAsync(client, new() { Id = id, Priority = Random.Shared.Next() });
                break;
            case Step.Execute:
                await ExpectAsync(model.Execute(), () => client.TransitionAsync(new AgentTask { Id = id }, Executing));
                break;
            default:
                await WaitAsync(model, id);
                break;
        }
    }

    private async Task WaitAsync(ApprovalModel model, string id)
    {
        _time.Advance(TimeSpan.FromMinutes(2));
        if (model.Expire())
        {
            using var watch = await WatchProbe.OpenAsync(_clients[0], new WatchRequest { Ids = { id }, Snapshot = true });
            while (watch.Events.LastOrDefault()?.Change.AgentTask.Status == AwaitingApproval || !watch.Events.Any())
            {
                await watch.NextAsync();
            }
        }
    }

    private static Task<AgentTask> EditAsync(TaskGrpcClient client, AgentTask change) =>
        client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = change }).ResponseAsync;

    private static async Task ExpectAsync(ErrorReason? refusal, Func<Task> call)
    {
        if (refusal is { } reason)
        {
            await Refusal.OfAsync(reason, call);
        }
        else
        {
            await call();
        }
    }
}
