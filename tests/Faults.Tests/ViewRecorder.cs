using Google.Protobuf;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests;

/// <summary>Records what the client library returns: it hides cuts, so the checker must see one connection.</summary>
internal sealed class ViewRecorder(
    TaskGrpcClient client, string organization, string name, WatchedView view, bool snapshot, HistoryFile history)
{
    private long _progress;
    private int _snapshots;

    public string Name => name;

    public WatchedView View => view;

    public long Progress => Volatile.Read(ref _progress);

    public async Task RunAsync(CancellationToken stop)
    {
        var request =
            new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = view.Filter?.Text ?? "", ShowDeleted = view.ShowDeleted };
        var from = snapshot ? MessageEntry.Snapshot : 0;
        if (snapshot)
        {
            request.Snapshot = true;
        }
        else
        {
            request.AfterRevision = 0;
        }

        try
        {
            await foreach (
                var message in client.WatchAsync(request, new TaskGrpcWatchOptions { SnapshotStarted = () => _snapshots++ }, stop))
            {
                history.Add(new MessageEntry(organization, name, _snapshots, from, message.ToByteArray()));
                if (message.Revision > 0)
                {
                    Volatile.Write(ref _progress, message.Revision);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The recording has ended.
        }
    }
}
