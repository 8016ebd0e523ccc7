using Grpc.Core;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Changes;

/// <summary>The calls of WatchService, as <see cref="WatchBinding"/> binds them.</summary>
[BindServiceMethod(typeof(WatchBinding), nameof(WatchBinding.BindService))]
internal abstract class WatchServiceBase
{
    public abstract Task Watch(WatchRequest request, IServerStreamWriter<WatchFrame> responseStream, ServerCallContext context);

    public abstract Task<ListChangesResponse> ListChanges(ListChangesRequest request, ServerCallContext context);
}
