using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Changes;

internal sealed class ChangeCalls(Watches watches, ChangePages pages, IOptions<WatchOptions> options, TimeProvider time) : ICalls
{
    public void AddTo(CallHandlers handlers) => handlers
        .AddStream<WatchRequest, WatchResponse>(WatchAsync)
        .Add<ListChangesRequest, ListChangesResponse>(ListAsync);

    private Task WatchAsync(WatchRequest request, Call call, IWatchSink sink)
    {
        WatchRules.Check(request, options.Value.MaxIds);
        return watches.FollowAsync(request, call, sink);
    }

    private Task<ListChangesResponse> ListAsync(ListChangesRequest request, Call call)
    {
        WatchRules.Check(request, options.Value.MaxIds);
        if (request.Wait is { } wait && call.AdmittedUntil - time.GetUtcNow() is { } left && left < wait.ToTimeSpan())
        {
            // Never show a change made after the caller's token expired.
            request.Wait = Duration.FromTimeSpan(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        return pages.ReadAsync(request, call.Caller, call.Ended);
    }
}
