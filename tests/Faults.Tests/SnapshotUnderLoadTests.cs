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
    private int _written;

    public void Dispose()
    {
        _folder.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task T22_Snapshots_of_100_000_tasks_under_writes_and_what_follows_Equal_the_folded_log()
    {
        using var server = new ServerProcess(_folder.Path);
        await server.StartAsync();
        using var client = server.Client("org", maxAttempts: 5);
        var ids = new List<string>();
        for (var i = 0; i < Tasks / 1000; i++)
        {
            var created = await client.BoardTasks.BatchCreateBoardTasksAsync(
                new() { BoardTasks = { Enumerable.Range(0, 1000).Select(n => new BoardTask { Title = "t", Priority = (n % 4) + 1 }) } });
            ids.AddRange(created.BoardTasks.Select(task => task.Id));
        }

        var writing = Enumerable.Range(0, 48).Select(seed => WriteAsync(client, ids, new Random(seed))).ToArray();
        var memory = server.ResidentBytes;
        var target = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watches = new[] { "", "priority = 1" }.Select(filter => new SnapshotView(filter)).ToArray();
        var watching = watches.Select(view => view.FollowAsync(server, target.Task)).ToArray();
        // A watch that fails ends the test at once.
        await Task.WhenAny(Task.WhenAll(watches.Select(view => view.IsComplete)), Task.WhenAny(watching).Unwrap()).Unwrap();
        var grown = server.ResidentBytes - memory;
        await _stop.CancelAsync();
        await Task.WhenAll(writing);
        target.SetResult((await client.BoardTasks.ListBoardTasksAsync(new() { PageSize = 1 })).Revision);
        await Task.WhenAll(watching);
        output.WriteLine($"{string.Join("; ", watches.Select(view => view.Report))}; beside {_written} changes.");
        await CheckAsync(client, watches, await target.Task);
        Assert.InRange(grown, long.MinValue, MostMemory);
    }

    /// <summary>Folds the log up to each watch's snapshot and up to its end, and compares.</summary>
    private static async Task CheckAsync(TaskGrpcClient client, SnapshotView[] watches, long target)
    {
        var log = await client.ListChangesAsync(new() { PageSize = 1000 }).Select(item => item.Change).ToListAsync();
        foreach (var view in watches)
        {
            Assert.True(target > view.Revision);
            view.Check(view.Snapshot, log.TakeWhile(change => change.Revision <= view.Revision));
            view.Check(view.Tasks, log.TakeWhile(change => change.Revision <= target));
        }
    }

    private async Task WriteAsync(TaskGrpcClient client, List<string> ids, Random random)
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

            Interlocked.Increment(ref _written);
        }
    }
}
