using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests;

/// <summary>Creates and moves tasks in a loop, and records the answers; repeats an unanswered call with its request_id.</summary>
internal sealed class RecordingWriter(TaskGrpcClient client, string organization, HistoryFile history, Action acknowledged,
    Action<RpcException> unanswered, TimeSpan pace = default)
{
    private static readonly AgentTaskStatus[] Path =
        [AgentTaskStatus.Planning, AgentTaskStatus.Blocked, AgentTaskStatus.Planning, AgentTaskStatus.Canceled];

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
            var task = await SendAsync(id,
                () => client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask(id), RequestId = id }).ResponseAsync,
                stop);
            foreach (var to in Path)
            {
                if (task is null)
                {
                    break;
                }

                var (moveId, target) = (Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString(), task);
                task = await SendAsync(moveId,
                    () => client.AgentTasks.TransitionAgentTaskAsync(
                        new() { Id = target.Id, Status = to, Etag = target.Etag, Reason = moveId, RequestId = moveId }).ResponseAsync,
                            stop);
            }
        }
    }

    private async Task<AgentTask?> SendAsync(string requestId, Func<Task<AgentTask>> call, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                var answer = await call();
                history.Add(new CallEntry(organization, requestId, CallOutcome.Acknowledged, answer.ToByteArray()));
                acknowledged();
                if (pace > TimeSpan.Zero)
                {
                    await Task.Delay(pace, TimeProvider.System, CancellationToken.None);
                }

                return answer;
            }
            catch (RpcException exception) when (
                exception.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.DeadlineExceeded
                    or StatusCode.Internal or StatusCode.Unknown
                && (exception as TaskGrpcException)?.Reason != ErrorReason.Unexpected)
            {
                unanswered(exception);
                if (stop.IsCancellationRequested)
                {
                    history.Add(new CallEntry(organization, requestId, CallOutcome.Unknown, []));
                    return null;
                }

                await BackOff.WaitAsync();
            }
            catch (RpcException)
            {
                history.Add(new CallEntry(organization, requestId, CallOutcome.Refused, []));
                throw;
            }
        }
    }
}
