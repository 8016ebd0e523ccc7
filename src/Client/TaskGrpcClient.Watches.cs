using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

public sealed partial class TaskGrpcClient
{
    /// <summary>
    /// Watches changes for as long as it is enumerated, over as many connections as it takes: after a cut, a restart of the server or a
    /// pause of the reader it goes on exactly where it was, so that every matching change comes once. The enumeration ends when the
    /// server ends the watch with OK (`stop_when_terminal`). Messages come as they do on the wire, heartbeats included, so that a program
    /// can keep <see cref="WatchResponse.ResumeToken"/> with what it has processed; <see cref="TaskGrpcWatchExtensions.Events"/> flattens them.
    /// </summary>
    /// <param name="request">What to watch, and from where. It is copied; null watches everything from now.</param>
    /// <param name="options">How the watch keeps itself alive. They are copied; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The messages, in order. Each enumeration is a watch of its own.</returns>
    /// <exception cref="ValidationException">An option is out of range; thrown at once, not by the enumeration.</exception>
    /// <exception cref="TaskGrpcException">
    /// What connecting again cannot mend: the server refused the request, no permission, lost history (see
    /// <see cref="TaskGrpcWatchOptions.OnHistoryLost"/>), or before the first message an address where no TaskGrpc is.
    /// </exception>
    /// <exception cref="OperationCanceledException">The watch was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    public IAsyncEnumerable<WatchResponse> WatchAsync(WatchRequest? request = null, TaskGrpcWatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        var own = options?.Copy() ?? new TaskGrpcWatchOptions();
        OptionsRules.Check(new TaskGrpcWatchOptionsValidator(), own);
        return new ResourceWatches(this, request?.Clone() ?? new WatchRequest(), own, cancellationToken);
    }

    /// <summary>
    /// Waits until a resource of any kind has come to an end of its lifecycle, or was deleted. It outlasts cuts and restarts of the server.
    /// </summary>
    /// <param name="id">The resource.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The change that ended it, or its state as a SNAPSHOT if it had ended before; the resource is in <see cref="Change.ResourceCase"/>.</returns>
    /// <exception cref="TaskGrpcException">The resource is unknown (RESOURCE_NOT_FOUND), or was deleted so long ago that the log tells no more of it (NOT_FOUND).</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled, or the client disposed meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed before.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public async Task<Change> WaitUntilTerminalAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        Change? last = null;
        var request = new WatchRequest { Ids = { id }, StopWhenTerminal = true };
        // What a snapshot said that was cut short no longer counts: the resource may be gone when the next one comes.
        var options = new TaskGrpcWatchOptions { OnHistoryLost = HistoryLoss.SnapshotAgain, SnapshotStarted = () => last = null };
        await foreach (var item in WatchAsync(request, options, cancellationToken).Events(cancellationToken).ConfigureAwait(false))
        {
            last = item.Change;
        }

        if (last is null)
        {
            // A snapshot has only what lives, so it was deleted before.
            await foreach (var item in ListChangesAsync(new ListChangesRequest { Ids = { id } }, cancellationToken).ConfigureAwait(false))
            {
                last = item.Change;
            }
        }

        return last ?? throw new CallSite(WatchService.Descriptor.FullName, "Watch", _state.Address, null)
            .Failure(new RpcException(new Status(StatusCode.NotFound, $"{id} was deleted so long ago that the log tells no more of it. Get still returns it.")));
    }

    /// <summary>A watch for each enumeration.</summary>
    private sealed class ResourceWatches(TaskGrpcClient client, WatchRequest request, TaskGrpcWatchOptions options, CancellationToken cancellationToken) : IAsyncEnumerable<WatchResponse>
    {
        public IAsyncEnumerator<WatchResponse> GetAsyncEnumerator(CancellationToken enumeration = default) =>
            new ResourceWatch(client.Changes, request, options, client._state).RunAsync(cancellationToken).GetAsyncEnumerator(enumeration);
    }
}
