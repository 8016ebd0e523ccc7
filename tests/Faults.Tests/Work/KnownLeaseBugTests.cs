using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Resources.Work;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>
/// T27 for leases: brings back known bugs one by one. The checker must name what each bug breaks, and find nothing without them.
/// </summary>
public sealed class KnownLeaseBugTests : IDisposable
{
    private const string Organization = "org";

    private static readonly TimeSpan LongerThanALease = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly HistoryFile _history = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "L2")]
    public async Task A_token_that_nobody_checks_Is_caught(bool isBroken, string? invariant)
    {
        await using var server = await TestServer.StartAsync(_folder.Path, _time, replace: services =>
        {
            if (isBroken)
            {
                services.AddSingleton<Fence<AgentTask>, UncheckedFence>();
            }
        });
        using var first = server.Client(Organization, "agent-1", "agent");
        using var second = server.Client(Organization, "agent-2", "agent");
        await CreateAsync(first);
        var lease = Assert.Single(await ClaimAsync(first, "w1"));
        // The lease expires, and another worker claims the task.
        IReadOnlyList<Lease> next = [];
        while (next.Count == 0)
        {
            _time.Advance(LongerThanALease);
            next = await ClaimAsync(second, "w2");
        }

        await FinishAsync(first, lease);
        await JudgeAsync(first, invariant);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "L2")]
    public async Task An_expiry_by_comparing_clocks_Is_caught(bool isBroken, string? invariant)
    {
        await using var server = await TestServer.StartAsync(_folder.Path, _time, replace: services =>
        {
            // It is the moment between the end of the lease's time and the commit of its expiry.
            services.Remove(services.Single(service => service.ImplementationType == typeof(LeaseExpiry)));
            if (isBroken)
            {
                services.AddSingleton<Fence<AgentTask>, ClockFence>();
            }
        });
        using var agent = server.Client(Organization, "agent-1", "agent");
        await CreateAsync(agent);
        var lease = Assert.Single(await ClaimAsync(agent, "w1"));
        _time.Advance(LongerThanALease);
        await FinishAsync(agent, lease);
        await JudgeAsync(agent, invariant);
    }

    [Theory]
    [InlineData(KnownBug.None, null)]
    [InlineData(KnownBug.ClaimBeforeCommit, "L1")]
    public async Task A_claim_that_is_answered_before_its_commit_Is_caught(KnownBug bug, string? invariant)
    {
        await using var server = await KnownBugStore.StartAsync(_folder.Path, bug);
        using var first = server.Client(Organization, "agent-1", "agent");
        using var second = server.Client(Organization, "agent-2", "agent");
        await CreateAsync(first);
        KnownBugStore.Of(server).LoseNextCommit();
        Assert.Single(await ClaimAsync(first, "w1"));
        Assert.Equal(bug == KnownBug.None ? 0 : 1, (await ClaimAsync(second, "w2")).Count);
        await JudgeAsync(first, invariant);
    }

    private static async Task CreateAsync(TaskGrpcClient client)
    {
        var task = Sample.AgentTask();
        (task.ExecutionMode, task.ApprovalPolicy) = (ExecutionMode.Deterministic, ApprovalPolicy.AutoExecute);
        await client.CreateAgentTaskAsync(task);
    }

    private async Task<IReadOnlyList<Lease>> ClaimAsync(TaskGrpcClient client, string worker)
    {
        var answer = await client.Work.ClaimNextAsync(new() { Kind = ResourceKind.AgentTask, Worker = worker });
        foreach (var lease in answer.Leases)
        {
            _history.Add(new ClaimEntry(Organization, worker, lease.AgentTask.Id, lease.LeaseRevision, lease.LeaseToken));
        }

        return answer.Leases;
    }

    private async Task FinishAsync(TaskGrpcClient client, Lease lease)
    {
        var id = lease.AgentTask.Id;
        try
        {
            var done = await client.AgentTasks.TransitionAgentTaskAsync(
                new() { Id = id, Status = AgentTaskStatus.Completed, LeaseToken = lease.LeaseToken });
            _history.Add(new HeldWriteEntry(Organization, id, lease.LeaseToken, CallOutcome.Acknowledged, done.Etag, 0));
        }
        catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.LeaseLost)
        {
            var head = (await client.Changes.ListChangesAsync(new())).Revision;
            _history.Add(new HeldWriteEntry(Organization, id, lease.LeaseToken, CallOutcome.Refused, "", head));
        }
    }

    private async Task JudgeAsync(TaskGrpcClient client, string? invariant)
    {
        var path = Path.Combine(_folder.Path, "history.jsonl");
        await _history.WriteAsync(path);
        var violations = HistoryChecker.Check(await GroundTruth.ReadAsync(client, Organization), await HistoryFile.ReadAsync(path));
        if (invariant is null)
        {
            Assert.Empty(violations);
        }
        else
        {
            Assert.Contains(violations, violation => violation.StartsWith(invariant, StringComparison.Ordinal));
        }
    }

    /// <summary>Lets everybody write, as if no token were needed.</summary>
    private sealed class UncheckedFence(LeaseFence<AgentTask> inner) : Fence<AgentTask>
    {
        public override void Settle(UnitOfWork unit, AgentTask before, AgentTask after, IMutation request) =>
            inner.Settle(unit, before, after, request);
    }

    /// <summary>Takes a lease for ended as soon as its time has passed, before the expiry is committed.</summary>
    private sealed class ClockFence(LeaseFence<AgentTask> inner) : Fence<AgentTask>
    {
        public override void Check(UnitOfWork unit, AgentTask before, IMutation request)
        {
            inner.Check(unit, before, request);
            if (unit.FindLease(Guid.Parse(before.Id)) is { } lease && lease.ExpiresAt < unit.Now.ToDateTimeOffset())
            {
                throw new Fault(ErrorReason.LeaseLost, "The time of the lease has passed.");
            }
        }

        public override void Settle(UnitOfWork unit, AgentTask before, AgentTask after, IMutation request) =>
            inner.Settle(unit, before, after, request);
    }
}
