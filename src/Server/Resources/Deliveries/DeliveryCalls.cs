using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

internal sealed class DeliveryCalls(ResourceCalls<Delivery> calls, DeliveryVerbs verbs) : ICalls
{
    public void AddTo(CallHandlers handlers) => handlers
        .AddGet<GetDeliveryRequest, Delivery>((request, call) => calls.GetAsync(request, request.Id, call))
        .Add<BatchGetDeliveriesRequest, BatchGetDeliveriesResponse>(async (request, call) =>
            new() { Deliveries = { await calls.BatchGetAsync(request, request.Ids, call) } })
        .AddStored<ListDeliveriesRequest, ListDeliveriesResponse>(calls.ListAsync<ListDeliveriesResponse>)
        .Add<RedeliverDeliveryRequest, Delivery>((request, call) =>
            calls.CommitAsync(request, call, unit => verbs.Redeliver(unit, request)))
        .Add<CancelDeliveryRequest, Delivery>((request, call) =>
            calls.CommitAsync(request, call, unit => verbs.Cancel(unit, request.Id, request.Etag, reason: null)));
}
