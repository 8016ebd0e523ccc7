using System.Diagnostics;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>What a client knows of board tasks from a watch with a snapshot.</summary>
/// <param name="filter">The watch's filter: none, or <c>priority = 1</c>.</param>
internal sealed class SnapshotView(string filter)
{
    private readonly TaskCompletionSource _isComplete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>The tasks now.</summary>
    public Dictionary<string, BoardTask> Tasks { get; } = [];

    /// <summary>The tasks when the snapshot was complete.</summary>
    public Dictionary<string, BoardTask> Snapshot { get; private set; } = [];

    /// <summary>The snapshot's revision.</summary>
    public long Revision { get; private set; }

    /// <summary>Ends when the snapshot is complete.</summary>
    public Task IsComplete => _isComplete.Task;

    public string Report { get; private set; } = "";

    /// <summary>Reads the snapshot, and then the changes up to a revision that is known later.</summary>
    public async Task FollowAsync(ServerProcess server, Task<long> target)
    {
        using var client = server.Client("org", maxAttempts: 5);
        var request = new WatchRequest
        {
            Kinds = { ResourceKind.BoardTask },
            Filter = filter,
            Snapshot = true,
            HeartbeatInterval = new() { Seconds = 1 },
        };
        await foreach (var message in client.WatchAsync(request))
        {
            foreach (var item in message.Events)
            {
                Apply(item);
            }

            if (message.SnapshotComplete)
            {
                (Snapshot, Revision) = (new(Tasks), message.Revision);
                Report = $"a snapshot of {Tasks.Count} tasks took {_clock.Elapsed.TotalSeconds:F1} s";
                _isComplete.SetResult();
            }

            // The heartbeats that follow the last change report the target too.
            if (Revision > 0 && target.IsCompletedSuccessfully && message.Revision >= await target)
            {
                return;
            }
        }
    }

    /// <summary>Compares a state with the fold of the log.</summary>
    public void Check(Dictionary<string, BoardTask> state, IEnumerable<Change> log)
    {
        var fold = new Dictionary<string, BoardTask>();
        foreach (var change in log)
        {
            fold[change.BoardTask.Id] = change.BoardTask;
        }

        var expected = fold.Values.Where(task => task.DeletedAt is null && (filter.Length == 0 || task.Priority == 1)).ToList();
        Assert.Equal(expected.Count, state.Count);
        Assert.All(expected, task => Assert.Equal(task, state[task.Id]));
    }

    private void Apply(WatchEvent item)
    {
        var task = item.Change.BoardTask;
        switch (item.Match)
        {
            case FilterMatch.Entered:
                Assert.True(Tasks.TryAdd(task.Id, task), $"{task.Id} entered twice.");
                break;
            case FilterMatch.Stayed:
                Assert.True(Tasks.ContainsKey(task.Id), $"{task.Id} stayed without having entered.");
                Tasks[task.Id] = task;
                break;
            default:
                Assert.True(Tasks.Remove(task.Id), $"{task.Id} left without having entered.");
                break;
        }
    }
}
