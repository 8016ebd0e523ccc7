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
/// Random steps of workers and people with board tasks and with task executions, held against a plain model: nothing is claimed that is
/// blocked, sleeping, leased or asked to stop, claims come in their order, and each refusal says what to do next.
/// </summary>
public sealed partial class HeldWorkPropertyTests : IAsyncLifetime
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

    [Theory]
    [InlineData(ResourceKind.BoardTask)]
    [InlineData(ResourceKind.TaskExecution)]
    public Task Random_steps_Do_what_the_model_says(ResourceKind kind) =>
        Sequences.SampleAsync(steps => RunAsync(kind, steps), iter: 25, threads: 1);

    private async Task RunAsync(ResourceKind kind, (int Step, int Place, int Number)[] steps)
    {
        var organization = $"org-{Interlocked.Increment(ref _organizations)}";
        using var agent = _server!.Client(organization, "agent-1", "agent");
        using var user = _server.Client(organization);
        IHeldWork work = kind == ResourceKind.BoardTask
            ? new HeldBoardTasks(agent, user) : new HeldExecutions(agent, await user.CreateFlowExecutionAsync());
        var model = new HeldWorkModel(work.IsBoard, work.IsBoard ? MostExpired : int.MaxValue);
        await CreateAsync(work, model, 0);
        foreach (var (step, place, number) in steps)
        {
            var item = model.Items[place % model.Items.Count];
            var token = number == 0 || item.Tokens.Count == 0 ? "" : item.Tokens[^(number == 1 ? Math.Min(2, item.Tokens.Count) : 1)];
            switch (step)
            {
                case 0:
                    await CreateAsync(work, model, number);
                    break;
                case 1 or 2:
                    await ClaimAsync(agent, kind, model, Math.Max(number, 1));
                    break;
                case 3:
                    await HoldsAsync(model.Finish(item, token), () => work.FinishAsync(item.Id, token));
                    break;
                case 4 when token.Length > 0:
                    var later = number == 5 && work.IsBoard ? (_time.GetUtcNow() + TimeSpan.FromDays(300)).ToTimestamp() : null;
                    await HoldsAsync(model.Release(item, token, later is not null), async () => await agent.Work.ReleaseAsync(
                        new() { Kind = kind, Id = item.Id, LeaseToken = token, NotBefore = later }));
                    break;
                case 5:
                    await HoldsAsync(model.RequestCancel(item), async () => await user.Work.RequestCancelAsync(
                        new() { Kind = kind, Id = item.Id }));
                    break;
                case 6 when work is HeldBoardTasks board:
                    var priority = 1 + (number % 4);
                    await HoldsAsync(model.Prioritize(item, priority), () => board.PrioritizeAsync(item.Id, priority));
                    break;
                case 7 when work is HeldBoardTasks board && number == 0:
                    await HoldsAsync(model.Delete(item), () => board.DeleteAsync(item.Id));
                    break;
                case 8 when number < 2:
                    await ExpireAsync(agent, kind, model);
                    break;
                case 9 when work is HeldBoardTasks board && item.Number > 0:
                    var blocker = model.Items[number % item.Number];
                    await HoldsAsync(HeldWorkModel.Block(item, blocker), () => board.BlockAsync(item.Id, blocker.Id));
                    break;
                default:
                    await ClaimAsync(agent, kind, model, 1);
                    break;
            }
        }

        // In the end all that is ready can be claimed, and nothing else.
        await ClaimAsync(agent, kind, model, 100);
        Assert.Empty((await agent.Work.ClaimNextAsync(Claim(kind, 1))).Leases);
        foreach (var item in model.Items)
        {
            Assert.Equal((item.Stage, item.ClaimCount, item.ExpiredLeases, item.Token is not null), await work.GetAsync(item.Id));
        }
    }

    private async Task CreateAsync(IHeldWork work, HeldWorkModel model, int number)
    {
        // Later ones are younger: those of one moment are ordered by their ids, which are random within a millisecond.
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var priority = 1 + (number % 3);
        model.Items.Add(new(model.Items.Count, await work.CreateAsync(priority)) { Priority = priority });
    }

    private static async Task ClaimAsync(TaskGrpcClient client, ResourceKind kind, HeldWorkModel model, int most)
    {
        var expected = model.Next(most);
        var leases = (await client.Work.ClaimNextAsync(Claim(kind, most))).Leases;
        Assert.Equal(expected, leases.Select(IdOf));
        foreach (var lease in leases)
        {
            model.Claimed(IdOf(lease), lease.LeaseToken);
        }
    }

    /// <summary>Moves the clock until no lease is left.</summary>
    private async Task ExpireAsync(TaskGrpcClient client, ResourceKind kind, HeldWorkModel model)
    {
        while ((await client.Work.ListLeasesAsync(new() { Kind = kind })).Leases.Count > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(61));
            await BackOff.WaitAsync();
        }

        model.ExpireAll();
    }

    private static string IdOf(Lease lease) => lease.BoardTask?.Id ?? lease.TaskExecution.Id;

    private static ClaimNextRequest Claim(ResourceKind kind, int most) => new() { Kind = kind, Worker = "w1", MaxTasks = most };

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

    [GeneratedRegex(@"\. (Stop|Send|Check|Move|You need not|A Transition now accepts|No Transition leaves) .*\.$")]
    private static partial Regex Advice();
}
