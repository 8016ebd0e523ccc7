using System.Text.RegularExpressions;
using CsCheck;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>
/// Random steps of workers and people, held against a plain model: no task is claimed that is not ready, claims come in their order, and
/// each refusal says what to do next.
/// </summary>
public sealed partial class WorkPropertyTests : IAsyncLifetime
{
    private const int MostExpired = 2;
    private const int Steps = 9;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private TestServer? _server;
    private int _organizations;

    private static readonly Gen<(int Step, int Place, int Number)[]> Sequences =
        Gen.Select(Gen.Int[0, Steps], Gen.Int[0, 20], Gen.Int[0, 5]).Array[5, 40];

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(
        _folder.Path, _time, new Dictionary<string, string?> { ["Work:ExpiredLeases"] = $"{MostExpired}" });

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public Task Random_steps_Do_what_the_model_says() => Sequences.SampleAsync(RunAsync, iter: 60, threads: 1);

    private async Task RunAsync((int Step, int Place, int Number)[] steps)
    {
        var organization = $"org-{Interlocked.Increment(ref _organizations)}";
        using var agent = _server!.Client(organization, "agent-1", "agent");
        using var user = _server.Client(organization);
        var model = new WorkModel(MostExpired);
        await CreateAsync(agent, model, 0);
        foreach (var (step, place, number) in steps)
        {
            var item = model.Items[place % model.Items.Count];
            var token = number == 0 || item.Tokens.Count == 0 ? "" : item.Tokens[^(number == 1 ? Math.Min(2, item.Tokens.Count) : 1)];
            switch (step)
            {
                case 0:
                    await CreateAsync(agent, model, number);
                    break;
                case 1 or 2:
                    await ClaimAsync(agent, model, number);
                    break;
                case 3:
                    var to = place % 2 == 0 ? AgentTaskStatus.Completed : AgentTaskStatus.Canceled;
                    await HoldsAsync(model.Move(item, to, token), async () => await agent.AgentTasks.TransitionAgentTaskAsync(
                        new() { Id = item.Id, Status = to, LeaseToken = token }));
                    break;
                case 4 when token.Length > 0:
                    var later = number == 5 ? (_time.GetUtcNow() + TimeSpan.FromDays(300)).ToTimestamp() : null;
                    await HoldsAsync(model.Release(item, token, later is not null), async () => await agent.Work.ReleaseAsync(
                        new() { Kind = ResourceKind.AgentTask, Id = item.Id, LeaseToken = token, NotBefore = later }));
                    break;
                case 5:
                    await HoldsAsync(model.RequestCancel(item), async () => await user.Work.RequestCancelAsync(
                        new() { Kind = ResourceKind.AgentTask, Id = item.Id }));
                    break;
                case 6:
                    await HoldsAsync(model.Prioritize(item, number), async () => await user.AgentTasks.UpdateAgentTaskAsync(
                        new()
                        {
                            AgentTask = new() { Id = item.Id, Priority = number },
                            UpdateMask = new() { Paths = { "priority" } },
                        }));
                    break;
                case 7 when number == 0:
                    await HoldsAsync(model.Delete(item), async () => await user.AgentTasks.DeleteAgentTaskAsync(new() { Id = item.Id }));
                    break;
                case 8 when number < 2:
                    await ExpireAsync(agent, model);
                    break;
                default:
                    await ClaimAsync(agent, model, 1);
                    break;
            }
        }

        // In the end all that is ready can be claimed, and nothing else.
        await ClaimAsync(agent, model, 100);
        Assert.Empty((await agent.Work.ClaimNextAsync(Claim(1, ""))).Leases);
        foreach (var item in model.Items)
        {
            var task = await agent.AgentTasks.GetAgentTaskAsync(new() { Id = item.Id });
            Assert.Equal((item.Status, item.ClaimCount, item.ExpiredLeases, item.Token is not null),
                (task.Status, task.ClaimCount, task.ExpiredLeases, task.Lease is not null));
        }
    }

    private async Task CreateAsync(TaskGrpcClient client, WorkModel model, int number)
    {
        // Later tasks are younger: tasks of one moment are ordered by their ids, which are random within a millisecond.
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var task = Sample.AgentTask();
        task.ApprovalPolicy = ApprovalPolicy.AutoExecute;
        task.ExecutionMode = number % 2 == 0 ? ExecutionMode.Deterministic : ExecutionMode.Agentic;
        (task.Priority, task.TaskType) = (number % 3, number < 3 ? "refund" : "report");
        model.Items.Add(new(model.Items.Count, await client.CreateAgentTaskAsync(task)));
    }

    private static async Task ClaimAsync(TaskGrpcClient client, WorkModel model, int number)
    {
        var type = number switch { 2 => "refund", 3 => "report", _ => null };
        var most = Math.Max(number, 1);
        var expected = model.Next(most, type);
        // A filter on the title is not brief: its candidates are read outside of the lane.
        var filter = type is null ? number == 4 ? "title = \"Refund*\"" : "" : $"task_type = {type}";
        var leases = (await client.Work.ClaimNextAsync(Claim(most, filter))).Leases;
        Assert.Equal(expected, leases.Select(lease => lease.AgentTask.Id));
        foreach (var lease in leases)
        {
            model.Claimed(lease);
        }
    }

    /// <summary>Moves the clock until no lease is left.</summary>
    private async Task ExpireAsync(TaskGrpcClient client, WorkModel model)
    {
        while ((await client.Work.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask })).Leases.Count > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(61));
            await BackOff.WaitAsync();
        }

        model.ExpireAll();
    }

    private static ClaimNextRequest Claim(int tasks, string filter) =>
        new() { Kind = ResourceKind.AgentTask, Worker = "w1", MaxTasks = tasks, Filter = filter };

    /// <summary>The server refuses what the model refuses, and says what to do next.</summary>
    private static async Task HoldsAsync(ErrorReason? refused, Func<Task> call)
    {
        if (refused is null)
        {
            await call();
            return;
        }

        var refusal = await Refusal.OfAsync(refused.Value, call);
        Assert.Matches(Advice(), refusal.Status.Detail);
    }

    [GeneratedRegex(@"\. (Stop|Send|Check|A Transition now accepts|No Transition leaves) .*\.$")]
    private static partial Regex Advice();
}
