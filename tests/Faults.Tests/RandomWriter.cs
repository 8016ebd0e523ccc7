using CsCheck;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Filters;
using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests;

/// <summary>Creates, updates, moves and deletes agent tasks at random, so that they enter and leave filters often.</summary>
internal sealed class RandomWriter(TaskGrpcClient client, int seed)
{
    private static readonly AgentTask[] Samples = FilterGen.Task.Array[300].Single();

    private readonly Random _random = new(seed);
    private readonly List<AgentTask> _living = [];
    private int _written;

    public int Written => Volatile.Read(ref _written);

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await WriteAsync();
                Interlocked.Increment(ref _written);
            }
            catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.ResourceNotFound)
            {
                // The answer of an earlier Delete was lost, and the task is deleted.
                _living.Clear();
            }
            catch (TaskGrpcException refusal) when (
                refusal.Reason is ErrorReason.InvalidTransition or ErrorReason.ApprovalRequired or ErrorReason.FieldLocked)
            {
                // The task's present status does not allow the change.
            }
            catch (RpcException exception) when (
                exception.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Internal or StatusCode.Unknown)
            {
                await BackOff.WaitAsync();
            }
        }
    }

    private async Task WriteAsync()
    {
        if (_living.Count < 4 || _random.Next(4) == 0)
        {
            _living.Add(await client.CreateAgentTaskAsync(Sample().Clone()));
            return;
        }

        var at = _random.Next(_living.Count);
        var task = _living[at];
        switch (_random.Next(8))
        {
            case 0:
                _living.RemoveAt(at);
                await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = task.Id });
                break;
            case 1 or 2:
                await client.TransitionAsync(task, _random.Next(2) == 0 ? AgentTaskStatus.Planning : AgentTaskStatus.Blocked);
                break;
            default:
                var wanted = Sample().Clone();
                wanted.Id = task.Id;
                var mask = new FieldMask { Paths = { "priority", "title", "entity_id", "due_at", "metadata", "workspace_visible" } };
                await client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = wanted, UpdateMask = mask });
                break;
        }
    }

    private AgentTask Sample() => Samples[_random.Next(Samples.Length)];
}
