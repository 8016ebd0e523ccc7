using TaskGrpc.V1;

namespace TaskGrpc.Client.Tests;

/// <summary>The program of docs/csharp.md that survives server restarts, compiled and run; a test compares it with the page.</summary>
internal static class Follow
{
    public static async Task RunAsync(Uri address, Action<string> print, CancellationToken stop)
    {
        // The program begins.
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = address });
        var open = new Dictionary<string, AgentTask>();
        var request = new WatchRequest
        {
            Kinds = { ResourceKind.AgentTask },
            Filter = "status = QUEUED OR status = PLANNING",
            Snapshot = true,
        };
        var options = new TaskGrpcWatchOptions { OnHistoryLost = HistoryLoss.SnapshotAgain, SnapshotStarted = open.Clear };

        await foreach (var message in client.WatchAsync(request, options, stop))
        {
            foreach (var item in message.Events)
            {
                var task = item.Change.AgentTask;
                if (item.Match == FilterMatch.Left)
                {
                    open.Remove(task.Id);
                }
                else
                {
                    open[task.Id] = task;
                }
            }

            print($"Revision {message.Revision}: {open.Count} open");
        }

        // The program ends.
    }
}
