using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>The calls of WorkService, each for the kind that its request names.</summary>
internal sealed class WorkCalls(IEnumerable<KindWork> kinds) : ICalls
{
    private readonly Dictionary<ResourceKind, KindWork> _kinds = kinds.ToDictionary(kind => kind.Kind);

    public void AddTo(CallHandlers handlers) => handlers
        .Add<ClaimNextRequest, ClaimNextResponse>((request, call) =>
        {
            WorkRules.Check(request, Of(request));
            return Of(request)!.ClaimAsync(request, call);
        })
        .Add<HeartbeatRequest, HeartbeatResponse>((request, call) =>
        {
            WorkRules.Check(request, Of(request));
            return Of(request)!.HeartbeatAsync(request, call);
        })
        .Add<ReleaseRequest, ReleaseResponse>(async (request, call) =>
        {
            WorkRules.Check(request, Of(request));
            return new() { Resource = await Of(request)!.ReleaseAsync(request, call) };
        })
        .Add<RequestCancelRequest, RequestCancelResponse>(async (request, call) =>
        {
            WorkRules.CheckPlain(request, Of(request));
            return new() { Resource = await Of(request)!.RequestCancelAsync(request, call) };
        })
        .Add<ListLeasesRequest, ListLeasesResponse>((request, call) =>
        {
            WorkRules.CheckPlain(request, Of(request));
            return Of(request)!.ListAsync(request, call);
        });

    private KindWork? Of(IWorkRequest request) => _kinds.GetValueOrDefault(request.Kind);
}
