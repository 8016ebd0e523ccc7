using System.Collections.Concurrent;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>Tasks that racing workers share, and how many of them are finished.</summary>
internal sealed class Backlog(int count, TimeSpan limit)
{
    private const int BatchSize = 500;

    private readonly ConcurrentDictionary<string, bool> _finished = [];
    private readonly long _began = TimeProvider.System.GetTimestamp();

    public bool IsDone => _finished.Count >= count;

    /// <summary>Creates the tasks: a claim brings each to EXECUTING, and nobody must approve it.</summary>
    public async Task CreateAsync(TaskGrpcClient client)
    {
        foreach (var chunk in Enumerable.Range(0, count).Chunk(BatchSize))
        {
            var request = new BatchCreateAgentTasksRequest();
            foreach (var number in chunk)
            {
                var task = Sample.AgentTask($"{number}");
                (task.ExecutionMode, task.ApprovalPolicy) = (ExecutionMode.Deterministic, ApprovalPolicy.AutoExecute);
                task.Priority = number % 5;
                request.AgentTasks.Add(task);
            }

            await client.AgentTasks.BatchCreateAgentTasksAsync(request);
        }
    }

    public void Finish(string id) => _finished.TryAdd(id, true);

    /// <summary>Fails the test once the work takes longer than it may.</summary>
    public void RequireTime() => Assert.True(TimeProvider.System.GetElapsedTime(_began) < limit,
        $"{_finished.Count} of {count} tasks were finished within {limit.TotalSeconds:F0} s.");

    /// <summary>Waits until a part of the tasks is finished.</summary>
    public async Task UntilAsync(double part)
    {
        while (_finished.Count < count * part)
        {
            RequireTime();
            await BackOff.WaitAsync();
        }
    }
}
