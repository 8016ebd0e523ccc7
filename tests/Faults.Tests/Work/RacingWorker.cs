using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>
/// Claims tasks and finishes them until none is left, and records what it receives and writes. At times it stops for longer than its lease
/// and goes on with what it held, as after SIGSTOP and SIGCONT; at times it forgets what it holds, as after SIGKILL.
/// </summary>
internal sealed class RacingWorker(
    TaskGrpcClient client, string organization, string name, HistoryFile history, Backlog backlog, int seed)
{
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(5);

    private const int MostTasks = 5;

    private readonly Random _random = new(seed);

    /// <summary>How many of its writes were refused because it had lost the lease.</summary>
    public int Refused { get; private set; }

    public async Task RunAsync()
    {
        while (!backlog.IsDone)
        {
            backlog.RequireTime();
            var leases = await ClaimAsync();
            switch (_random.Next(60))
            {
                case 0:
                    break;
                case 1:
                    await Task.Delay(LeaseDuration * 1.5, TimeProvider.System);
                    await FinishAsync(leases);
                    break;
                case 2:
                    foreach (var lease in leases)
                    {
                        await ReleaseAsync(lease);
                    }

                    // The leases have ended: no write with their tokens may succeed.
                    await FinishAsync(leases);
                    break;
                default:
                    await FinishAsync(leases);
                    break;
            }
        }
    }

    private async Task<IReadOnlyList<Lease>> ClaimAsync()
    {
        var request = new ClaimNextRequest
        {
            Kind = ResourceKind.AgentTask,
            Worker = name,
            MaxTasks = _random.Next(1, MostTasks + 1),
            LeaseDuration = Duration.FromTimeSpan(LeaseDuration),
            Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            RequestId = Guid.NewGuid().ToString(),
        };
        var leases = (await SendAsync(() => client.Work.ClaimNextAsync(request).ResponseAsync)).Leases;
        foreach (var lease in leases)
        {
            history.Add(new ClaimEntry(organization, name, lease.AgentTask.Id, lease.LeaseRevision, lease.LeaseToken));
        }

        return leases;
    }

    private async Task FinishAsync(IReadOnlyList<Lease> leases)
    {
        foreach (var lease in leases)
        {
            if (_random.Next(4) == 0)
            {
                await BeatAsync(lease);
            }

            var request = new TransitionAgentTaskRequest
            {
                Id = lease.AgentTask.Id,
                Status = AgentTaskStatus.Completed,
                LeaseToken = lease.LeaseToken,
                RequestId = Guid.NewGuid().ToString(),
            };
            if (await WriteAsync(lease, () => client.AgentTasks.TransitionAgentTaskAsync(request).ResponseAsync) is { } finished)
            {
                backlog.Finish(finished.Id);
            }
        }
    }

    private async Task ReleaseAsync(Lease lease)
    {
        var request = new ReleaseRequest
        {
            Kind = ResourceKind.AgentTask,
            Id = lease.AgentTask.Id,
            LeaseToken = lease.LeaseToken,
            RequestId = Guid.NewGuid().ToString(),
        };
        await WriteAsync(lease, async () => (await client.Work.ReleaseAsync(request)).AgentTask);
    }

    private async Task BeatAsync(Lease lease)
    {
        var request = new HeartbeatRequest { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id, LeaseToken = lease.LeaseToken };
        try
        {
            await SendAsync(() => client.Work.HeartbeatAsync(request).ResponseAsync);
        }
        catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.LeaseLost)
        {
            await RecordLossAsync(lease);
        }
    }

    /// <summary>Writes with the token of a lease; null if the lease was lost.</summary>
    private async Task<AgentTask?> WriteAsync(Lease lease, Func<Task<AgentTask>> write)
    {
        try
        {
            var answer = await SendAsync(write);
            history.Add(new HeldWriteEntry(organization, answer.Id, lease.LeaseToken, CallOutcome.Acknowledged, answer.Etag, 0));
            return answer;
        }
        catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.LeaseLost)
        {
            await RecordLossAsync(lease);
            return null;
        }
    }

    private async Task RecordLossAsync(Lease lease)
    {
        Refused++;
        var head = (await SendAsync(() => client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 1 }).ResponseAsync)).Revision;
        history.Add(new HeldWriteEntry(organization, lease.AgentTask.Id, lease.LeaseToken, CallOutcome.Refused, "", head));
    }

    /// <summary>Repeats a call, with its request_id, until the server answers.</summary>
    private async Task<T> SendAsync<T>(Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException exception) when (
                exception.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.DeadlineExceeded
                    or StatusCode.Internal or StatusCode.Unknown
                && (exception as TaskGrpcException)?.Reason != ErrorReason.Unexpected)
            {
                backlog.RequireTime();
                // Many workers that try again at once would take the processor from the server that starts.
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
            }
        }
    }
}
