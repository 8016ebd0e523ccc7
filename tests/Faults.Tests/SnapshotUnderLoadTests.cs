using System.Diagnostics;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>T22: a large snapshot under writes is the state at one revision, and the changes after it complete it.</summary>
public sealed class SnapshotUnderLoadTests(ITestOutputHelper output) : IDisposable
{
    private const int Tasks = 100_000;
    private const int MostMemory = 250 * 1024 * 1024;

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _folder.Dispose();
        _stop.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("priority = 1")]
    public async Task T22_A_snapshot_of_100_000_tasks_under_writes_and_what_follows_Equal_the_folded_log(string filter)
    {
        using var server = new ServerProcess(_folder.Path);
        await server.StartAsync();
        using var client = server.Client("org", maxAttempts: 5);
        using var watcher = server.Client("org", maxAttempts: 5);
        var ids = new List<string>();
        for (var i = 0; i < Tasks / 1000; i++)
        {
            var created = await client.BoardTasks.BatchCreateBoardTasksAsync(
                new() { BoardTasks = { Enumerable.Range(0, 1000).Select(n => new BoardTask { Title = "t", Priority = (n % 4) + 1 }) } });
            ids.AddRange(created.BoardTasks.Select(task => task.Id));
        }

        var written = 0;
        var writing = Enumerable.Range(0, 48)
            .Select(seed => WriteAsync(client, ids, new Random(seed), () => Interlocked.Increment(ref written))).ToArray();
        var memory = server.ResidentBytes;
        var (before, clock) = (Volatile.Read(ref written), Stopwatch.StartNew());
        var view = new Dictionary<string, BoardTask>();
        var request = new WatchRequest { Kinds = { ResourceKind.BoardTask }, Filter = filter, Snapshot = true };
        var (snapshot, target) = (0L, long.MaxValue);
        await foreach (var message in watcher.WatchAsync(request))
        {
            foreach (var item in message.Events)
            {
                Apply(view, item);
            }

            if (message.SnapshotComplete)
            {
                (snapshot, clock, memory) =
                    (message.Revision, Report(clock, Volatile.Read(ref written) - before, view.Count), server.ResidentBytes - memory);
                await CheckAsync(client, filter, view, message.Revision);
                await _stop.CancelAsync();
                await Task.WhenAll(writing);
                target = (await client.BoardTasks.ListBoardTasksAsync(new() { PageSize = 1 })).Revision;
            }

            if (message.Revision >= target)
            {
                break;
            }
        }

        Assert.True(target > snapshot);
        await CheckAsync(client, filter, view, target);
        Assert.InRange(memory, long.MinValue, MostMemory);
    }

    private static void Apply(Dictionary<string, BoardTask> view, WatchEvent item)
    {
        var task = item.Change.BoardTask;
        switch (item.Match)
        {
            case FilterMatch.Entered:
                Assert.True(view.TryAdd(task.Id, task), $"{task.Id} entered twice.");
                break;
            case FilterMatch.Stayed:
                Assert.True(view.ContainsKey(task.Id), $"{task.Id} stayed without having entered.");
                view[task.Id] = task;
                break;
            default:
                Assert.True(view.Remove(task.Id), $"{task.Id} left without having entered.");
                break;
        }
    }

    private static async Task CheckAsync(TaskGrpcClient client, string filter, Dictionary<string, BoardTask> view, long revision)
    {
        var fold = new Dictionary<string, BoardTask>();
        await foreach (var item in client.ListChangesAsync(new() { PageSize = 1000 }))
        {
            if (item.Change.Revision > revision)
            {
                break;
            }

            fold[item.Change.BoardTask.Id] = item.Change.BoardTask;
        }

        var expected = fold.Values.Where(task => task.DeletedAt is null && (filter.Length == 0 || task.Priority == 1)).ToList();
        Assert.Equal(expected.Count, view.Count);
        Assert.All(expected, task => Assert.Equal(task, view[task.Id]));
    }

    private async Task WriteAsync(TaskGrpcClient client, List<string> ids, Random random, Action written)
    {
        while (!_stop.IsCancellationRequested)
        {
            switch (random.Next(10))
            {
                case 0:
                    await client.CreateBoardTaskAsync(new BoardTask { Title = "new", Priority = random.Next(1, 5) });
                    break;
                case 1:
                    await Record.ExceptionAsync(() =>
                        client.BoardTasks.DeleteBoardTaskAsync(new() { Id = ids[random.Next(ids.Count)] }).ResponseAsync);
                    break;
                default:
                    var task = new BoardTask
                    {
                        Id = ids[random.Next(ids.Count)],
                        Priority = random.Next(1, 5),
                        Title = $"{random.Next()}"
                    };
                    await Record.ExceptionAsync(() => client.BoardTasks.UpdateBoardTaskAsync(new() { BoardTask = task }).ResponseAsync);
                    break;
            }

            written();
        }
    }

    private Stopwatch Report(Stopwatch clock, int written, int tasks)
    {
        output.WriteLine(
            $"A snapshot of {tasks} tasks took {clock.Elapsed.TotalSeconds:F1} s beside {written / clock.Elapsed.TotalSeconds:N0} "
            + "changes a second.");
        return clock;
    }
}
