using Grpc.Core;
using Grpc.Core.Interceptors;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests.Workers;

/// <summary>The calls of WorkService as methods of the client, and how long they may take.</summary>
public sealed class WorkCallTests(WorkerBench bench) : IClassFixture<WorkerBench>
{
    [Fact]
    public async Task A_claim_Is_held_listed_and_released()
    {
        var (user, agent, _) = bench.Clients();
        var tasks = await user.BatchCreateAsync([WorkerBench.Free("a"), WorkerBench.Free("b")]);
        Assert.Empty(await agent.ClaimNextAsync(ResourceKind.AgentTask, "host-1", "title = c"));
        var requestId = Guid.NewGuid().ToString();
        var leases = await agent.ClaimNextAsync(
            ResourceKind.AgentTask, "host-1", "title != c", 2, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), requestId);
        Assert.Equal(2, leases.Count);
        var again = await agent.ClaimNextAsync(
            ResourceKind.AgentTask, "host-1", "title != c", 2, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1), requestId);
        Assert.Equal(leases.Select(lease => lease.LeaseToken), again.Select(lease => lease.LeaseToken));

        var (id, token) = (leases[0].AgentTask.Id, leases[0].LeaseToken);
        var beat = await agent.HeartbeatAsync(
            ResourceKind.AgentTask, id, token, TimeSpan.FromMinutes(10), new Progress { Percent = 5, Note = "begun" });
        Assert.Equal((600, HeartbeatDirective.Continue), (beat.Remaining.Seconds, beat.Directive));
        var held = await user.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask, PageSize = 1 }).ToListAsync();
        Assert.Equal(tasks.Select(task => task.Id).Order(), held.Select(lease => lease.Id).Order());
        Assert.All(held, lease => Assert.Equal(("host-1", "bot"), (lease.Worker, lease.Holder.Id)));

        var tomorrow = bench.Server.Clock.GetUtcNow().AddDays(1);
        var released = (AgentTask)await agent.ReleaseAsync(ResourceKind.AgentTask, id, token, "not today", tomorrow);
        Assert.Equal((5, true), (released.Progress.Percent, released.NotBefore is not null));
        Assert.Equal(id, (await user.RequestCancelAsync(ResourceKind.AgentTask, id, "no longer", released.Etag)).Id);
        Assert.Equal(AgentTaskStatus.Canceled, (await user.GetAgentTaskAsync(id)).Status);
    }

    [Fact]
    public async Task The_token_of_a_lease_Is_sent_by_every_call_that_takes_one_and_a_refusal_is_final()
    {
        var (user, agent, _) = bench.Clients();
        await user.BatchCreateAsync([WorkerBench.Free("a"), WorkerBench.Free("b")]);
        var leases = await agent.ClaimNextAsync(ResourceKind.AgentTask, "host-1", maxTasks: 2);
        var (task, token) = (leases[0].AgentTask, leases[0].LeaseToken);

        await Refusal.OfAsync(ErrorReason.LeaseRequired, () => agent.TransitionAsync(task.Id, AgentTaskStatus.Executing));
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => agent.TransitionAsync(task.Id, AgentTaskStatus.Executing, leaseToken: "x"));
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => agent.UpdateAsync(task, leaseToken: "x"));
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => agent.DeleteAsync(task, leaseToken: "x"));
        task.Title = "new";
        task = await agent.UpdateAsync(task, new() { Paths = { "title" } }, leaseToken: token);
        await agent.TransitionAsync(task.Id, AgentTaskStatus.Executing, leaseToken: token);
        var value = Google.Protobuf.WellKnownTypes.Value.ForNumber(7);
        task = await agent.TransitionAsync(task.Id, AgentTaskStatus.Completed, result: value, leaseToken: token);
        Assert.Equal(("new", 7), (task.Title, task.Result.NumberValue));
        Assert.NotNull((await agent.DeleteAgentTaskAsync(leases[1].AgentTask.Id, leaseToken: leases[1].LeaseToken)).DeletedAt);

        await user.CreateAsync(Sample.BoardTask());
        var own = Assert.Single(await agent.ClaimNextAsync(ResourceKind.BoardTask, "host-1"));
        var board = own.BoardTask;
        board.Description = "more";
        board = await agent.UpdateAsync(board, new() { Paths = { "description" } }, leaseToken: own.LeaseToken);
        board = await agent.TransitionAsync(board.Id, BoardTaskStatus.Done, leaseToken: own.LeaseToken);
        Assert.Equal(BoardTaskStatus.Done, board.Status);
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => agent.DeleteBoardTaskAsync(board.Id, leaseToken: own.LeaseToken));

        var flow = await user.CreateAsync(Sample.FlowExecution());
        await user.CreateAsync(Sample.TaskExecution(flow));
        var run = Assert.Single(await agent.ClaimNextAsync(ResourceKind.TaskExecution, "host-1"));
        var end = await agent.TransitionAsync(
            run.TaskExecution.Id, TaskExecutionStatus.Completed, output: value, leaseToken: run.LeaseToken);
        Assert.Equal(7, end.Output.NumberValue);
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => agent.DeleteAsync(end, leaseToken: run.LeaseToken));
    }

    [Fact]
    public async Task A_lost_lease_Is_told_after_one_attempt()
    {
        var attempts = new Attempts();
        using var client = new TaskGrpcClient(bench.Server.Invoker.Intercept(attempts), new() { TimeProvider = bench.Server.Clock });
        var task = await client.CreateAsync(WorkerBench.Free());
        attempts.Deadlines.Clear();
        await Refusal.OfAsync(ErrorReason.LeaseLost, () => client.HeartbeatAsync(ResourceKind.AgentTask, task.Id, "x"));
        Assert.Single(attempts.Deadlines);
    }

    [Fact]
    public async Task A_claim_May_take_its_wait_and_ten_seconds_and_without_a_wait_as_long_as_other_calls()
    {
        var attempts = new Attempts();
        using var client = new TaskGrpcClient(bench.Server.Invoker.Intercept(attempts), new()
        {
            TimeProvider = bench.Server.Clock,
            CallTimeout = TimeSpan.FromMinutes(5),
        });
        var task = await client.CreateAsync(WorkerBench.Free());
        attempts.Deadlines.Clear();
        var (before, filter) = (bench.Server.Clock.GetUtcNow().UtcDateTime, $"id = \"{task.Id}\"");
        Assert.Single(await client.ClaimNextAsync(ResourceKind.AgentTask, "host-1", filter, wait: TimeSpan.FromSeconds(20)));
        Assert.Empty(await client.ClaimNextAsync(ResourceKind.AgentTask, "host-1", filter));
        Assert.InRange(attempts.Deadlines[0]!.Value - before, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
        Assert.InRange(attempts.Deadlines[1]!.Value - before, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
    }

    private sealed class Attempts : Interceptor
    {
        public List<DateTime?> Deadlines { get; } = [];

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            Deadlines.Add(context.Options.Deadline);
            return continuation(request, context);
        }
    }
}
