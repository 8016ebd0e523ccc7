using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <content>Watches.</content>
public partial class TaskGrpcClient
{
    /// <summary>
    /// Watches changes for as long as it is enumerated, over as many connections as it takes. After a cut, a restart of the server or a
    /// pause of the reader it continues where it was, and every matching change comes once. The enumeration ends when the server ends the
    /// watch with OK (`stop_when_terminal`). It returns the messages as the server sends them, heartbeats included; <see
    /// cref="TaskGrpcWatchExtensions.Events"/> returns their events.
    /// </summary>
    /// <param name="request">What to watch, and from where. It is copied. Null: everything from now on.</param>
    /// <param name="options">How the watch keeps itself alive. They are copied. Null: the defaults.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The messages, in order. Each enumeration is a separate watch.</returns>
    /// <exception cref="ValidationException">An option is out of range; thrown at once, not by the enumeration.</exception>
    /// <exception cref="TaskGrpcException">
    /// A failure that a new connection cannot fix: a refused request, no permission, lost history (see
    /// <see cref="TaskGrpcWatchOptions.OnHistoryLost"/>), or before the first message an address where no TaskGrpc answers.
    /// </exception>
    public virtual IAsyncEnumerable<WatchResponse> WatchAsync(
        WatchRequest? request = null, TaskGrpcWatchOptions? options = null, CancellationToken cancellationToken = default)
    {
        var own = options?.Copy() ?? new TaskGrpcWatchOptions();
        OptionsRules.Check(new TaskGrpcWatchOptionsValidator(), own);
        return new ResourceWatches(this, request?.Clone() ?? new WatchRequest(), own, cancellationToken);
    }

    /// <summary>
    /// Waits until a resource of any kind has reached an end of its lifecycle or was deleted. It survives cuts and restarts of the server.
    /// </summary>
    /// <param name="id">The resource.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The change that ended it, or its state as a SNAPSHOT if it had ended before. The resource is in <see cref="Change.ResourceCase"/>.
    /// </returns>
    /// <exception cref="TaskGrpcException">
    /// RESOURCE_NOT_FOUND; NOT_FOUND for a resource whose deletion the log no longer holds.
    /// </exception>
    /// <exception cref="ArgumentNullException"><paramref name="id"/> is null.</exception>
    public virtual async Task<Change> WaitUntilTerminalAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        Change? last = null;
        var request = new WatchRequest { Ids = { id }, StopWhenTerminal = true };
        // A snapshot that was cut no longer counts: the resource may be deleted before the next one.
        var options = new TaskGrpcWatchOptions { OnHistoryLost = HistoryLoss.SnapshotAgain, SnapshotStarted = () => last = null };
        await foreach (var item in WatchAsync(request, options, cancellationToken).Events(cancellationToken).ConfigureAwait(false))
        {
            last = item.Change;
        }

        if (last is null)
        {
            // A snapshot holds living resources only, so this one was deleted before.
            var timeline = new ListChangesRequest { Ids = { id } };
            await foreach (var item in ListChangesAsync(timeline, cancellationToken).ConfigureAwait(false))
            {
                last = item.Change;
            }
        }

        var site = new CallSite(WatchService.Descriptor.FullName, "Watch", State.Address, null);
        return last ?? throw site.Failure(new RpcException(
            new Status(StatusCode.NotFound, $"{id} was deleted, and the log no longer holds the deletion. Get still returns it.")));
    }

    /// <summary>A watch for each enumeration.</summary>
    private sealed class ResourceWatches(
        TaskGrpcClient client, WatchRequest request, TaskGrpcWatchOptions options, CancellationToken cancellationToken)
        : IAsyncEnumerable<WatchResponse>
    {
        public IAsyncEnumerator<WatchResponse> GetAsyncEnumerator(CancellationToken enumeration = default) =>
            new ResourceWatch(client.Changes, request, options, client.State).RunAsync(cancellationToken).GetAsyncEnumerator(enumeration);
    }
}
