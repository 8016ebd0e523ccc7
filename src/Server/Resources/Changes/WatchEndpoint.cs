using System.IO.Pipelines;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Changes;

/// <summary>The calls of WatchService.</summary>
internal sealed class WatchEndpoint(
    TaskStore store, ResourceKinds kinds, ChangeTail changes, ChangePages pages, OpenWatches open, WatchMetrics metrics, IOptions<WatchOptions> options, TimeProvider time, IHostApplicationLifetime lifetime)
    : WatchServiceBase
{
    public override Task<ListChangesResponse> ListChanges(ListChangesRequest request, ServerCallContext context)
    {
        WatchRules.Check(request, options.Value.MaxIds);
        if (request.Wait is { } wait && context.AdmittedUntil() - time.GetUtcNow() is { } left && left < wait.ToTimeSpan())
        {
            // Nobody is shown what happens after his token has expired.
            request.Wait = Duration.FromTimeSpan(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        return pages.ReadAsync(request, context.Caller(), context.CancellationToken);
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchFrame> responseStream, ServerCallContext context)
    {
        WatchRules.Check(request, options.Value.MaxIds);
        var caller = context.Caller();
        var selection = new ChangeSelection(kinds, request);
        using var place = open.Enter(caller);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping, context.AdmissionOver());
        try
        {
            await FollowAsync(request, selection, caller, responseStream, context.GetHttpContext().Response.BodyWriter, ending.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw new Fault(ErrorReason.Draining, "The server is shutting down. Reconnect and resume with the last token, at another replica or here after the restart.");
        }
    }

    private async Task FollowAsync(WatchRequest request, ChangeSelection selection, Caller caller, IServerStreamWriter<WatchFrame> stream, PipeWriter body, CancellationToken cancellationToken)
    {
        // The tail is held before the head is read, so that nothing can be committed between the two unseen.
        var tail = await changes.HoldAsync(caller.OrganizationId, cancellationToken);
        try
        {
            LogHead head;
            LogPosition start;
            var unfinished = request.StopWhenTerminal ? new UnfinishedResources(selection) : null;
            using (var rented = await store.RentAsync(caller.OrganizationId, cancellationToken))
            {
                head = rented.Reader.Head();
                changes.Compare(tail, head);
                start = WatchStart.Of(request, caller.OrganizationId, head);
                unfinished?.Read(rented.Reader, start.Revision);
            }

            // To wait for an end means to see the state first: it may be there already.
            var isSnapshot = request.Snapshot || (request.StopWhenTerminal && request.StartCase == WatchRequest.StartOneofCase.None);
            var writer = new WatchWriter(stream, body, caller.OrganizationId, options.Value.WriteTimeout, time) { Epoch = head.Epoch };
            var session = new WatchSession(store, tail, selection, writer, metrics, time, request.HeartbeatInterval?.ToTimeSpan() ?? options.Value.HeartbeatInterval)
            {
                Unfinished = unfinished,
                Snapshot = isSnapshot ? new SnapshotFeed(store, caller.OrganizationId, selection, start.Revision) : null,
            };
            await session.RunAsync(start, cancellationToken);
        }
        finally
        {
            changes.Release(tail);
        }
    }
}
