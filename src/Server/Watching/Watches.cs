using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>Opens watches, and runs each until its caller, its resources, its admission or the server ends it.</summary>
internal sealed class Watches(
    TaskStore store,
    ResourceKinds kinds,
    ChangeTail changes,
    OpenWatches open,
    WatchMetrics metrics,
    IOptions<WatchOptions> options,
    TimeProvider time,
    IHostApplicationLifetime lifetime)
{
    /// <param name="request">A request whose fields have been checked.</param>
    /// <param name="call">The caller, and when the call and its admission end.</param>
    /// <param name="sink">Where the messages go.</param>
    /// <exception cref="Fault">
    /// INVALID_FILTER, INVALID_FIELD, WATCH_LIMIT, INVALID_RESUME_TOKEN, EPOCH_CHANGED, REVISION_COMPACTED, REVISION_IN_FUTURE,
    /// RESOURCE_NOT_FOUND, SLOW_READER, DRAINING.
    /// </exception>
    public async Task FollowAsync(WatchRequest request, Call call, IWatchSink sink)
    {
        var selection = new ChangeSelection(kinds, request);
        using var place = open.Enter(call.Caller);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Ended, lifetime.ApplicationStopping, call.AdmissionOver);
        try
        {
            await FollowAsync(request, selection, call.Caller.OrganizationId, sink, ending.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested
            && !call.Ended.IsCancellationRequested)
        {
            throw new Fault(
                ErrorReason.Draining,
                "The server is shutting down. Reconnect and resume with the last token, at another replica or here after the restart.");
        }
    }

    private async Task FollowAsync(
        WatchRequest request, ChangeSelection selection, string organizationId, IWatchSink sink, CancellationToken cancellationToken)
    {
        // The tail is held before the head is read, so that it receives a commit in between.
        var tail = await changes.HoldAsync(organizationId, cancellationToken);
        try
        {
            LogHead head;
            LogPosition start;
            var unfinished = request.StopWhenTerminal ? new UnfinishedResources(selection) : null;
            using (var rented = await store.RentAsync(organizationId, cancellationToken))
            {
                head = rented.Reader.Head();
                changes.Compare(tail, head);
                start = WatchStart.Of(request, organizationId, head);
                unfinished?.Read(rented.Reader, start.Revision);
            }

            // A watch with stop_when_terminal and no start sees the state first, which may already be terminal.
            var isSnapshot = request.Snapshot || (request.StopWhenTerminal && request.StartCase == WatchRequest.StartOneofCase.None);
            var writer = new WatchWriter(sink, organizationId, options.Value.WriteTimeout, time) { Epoch = head.Epoch };
            var heartbeat = request.HeartbeatInterval?.ToTimeSpan() ?? options.Value.HeartbeatInterval;
            var session = new WatchSession(store, tail, selection, writer, metrics, time, heartbeat)
            {
                Unfinished = unfinished,
                Snapshot = isSnapshot ? new SnapshotFeed(store, organizationId, selection, start.Revision) : null,
            };
            await session.RunAsync(start, cancellationToken);
        }
        finally
        {
            changes.Release(tail);
        }
    }
}
