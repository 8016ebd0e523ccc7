using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Load.Measuring;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Subjects;

/// <summary>Agent tasks of one organization that a claim brings to EXECUTING, and the calls of their workers.</summary>
internal sealed class ReadyTasks(ChannelBase channel, CallOptions? caller = null)
{
    private const int InBatch = 1000;
    private const int Fillers = 4;

    private readonly AgentTaskService.AgentTaskServiceClient _tasks = new(channel);
    private readonly WorkService.WorkServiceClient _work = new(channel);
    private readonly CallOptions _caller = caller ?? Tasks.Callers[0];

    /// <summary>A new task that a claim brings to EXECUTING.</summary>
    public static AgentTask New(Random random)
    {
        var task = Tasks.New(random);
        task.ExecutionMode = ExecutionMode.Deterministic;
        task.ApprovalPolicy = ApprovalPolicy.AutoExecute;
        return task;
    }

    public async Task FillAsync(int count) =>
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count).Chunk(InBatch), new ParallelOptions { MaxDegreeOfParallelism = Fillers }, async (numbers, _) =>
            {
                var (request, random) = (new BatchCreateAgentTasksRequest(), new Random());
                request.AgentTasks.AddRange(numbers.Select(_ => New(random)));
                await _tasks.BatchCreateAgentTasksAsync(request, _caller);
            });

    public async Task CreateAsync(Random random) =>
        await _tasks.CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = New(random) }, _caller);

    /// <summary>Claims the most urgent tasks.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="lease">How long the lease lasts without a heartbeat.</param>
    /// <param name="wait">How long to wait for a task.</param>
    /// <param name="stop">Ends the wait with an exception.</param>
    public async Task<IReadOnlyList<Lease>> ClaimAsync(
        int most, TimeSpan lease, TimeSpan wait = default, CancellationToken stop = default) =>
        (await _work.ClaimNextAsync(
            new ClaimNextRequest
            {
                Kind = ResourceKind.AgentTask,
                MaxTasks = most,
                LeaseDuration = Duration.FromTimeSpan(lease),
                Wait = wait > TimeSpan.Zero ? Duration.FromTimeSpan(wait) : null,
                Worker = "load",
            },
            _caller.WithCancellationToken(stop))).Leases;

    public async Task CompleteAsync(Lease lease) => await _tasks.TransitionAgentTaskAsync(
        new TransitionAgentTaskRequest
        {
            Id = lease.AgentTask.Id,
            Status = AgentTaskStatus.Completed,
            LeaseToken = lease.LeaseToken,
        },
        _caller);

    public async Task BeatAsync(Lease lease) => await _work.HeartbeatAsync(
        new HeartbeatRequest { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id, LeaseToken = lease.LeaseToken }, _caller);

    /// <summary>The tasks as a queue to measure.</summary>
    /// <param name="cpu">The CPU time used so far.</param>
    public MeasuredQueue Queue(Func<TimeSpan> cpu) => new(cpu, FillAsync,
        drain => MeasuredQueue.DrainAsync(drain.Jobs, drain.Time, async _ =>
        {
            var leases = await ClaimAsync(drain.Batch, TimeSpan.FromMinutes(1));
            await Task.WhenAll(leases.Select(CompleteAsync));
            return leases.Count;
        }));
}
