using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>The calls of DeliveryService.</summary>
internal sealed class DeliveryEndpoint(ResourceCalls<Delivery> calls, DeliveryVerbs deliveries) : DeliveryService.DeliveryServiceBase
{
    public new Task<StoredResource> GetDelivery(GetDeliveryRequest request, ServerCallContext context) =>
        calls.GetAsync(request, request.Id, context);

    public override async Task<BatchGetDeliveriesResponse> BatchGetDeliveries(BatchGetDeliveriesRequest request, ServerCallContext context) =>
        new() { Deliveries = { await calls.BatchGetAsync(request, request.Ids, context) } };

    public new Task<ResourcePage> ListDeliveries(ListDeliveriesRequest request, ServerCallContext context) =>
        calls.ListAsync(request, context);

    public override Task<Delivery> RedeliverDelivery(RedeliverDeliveryRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => deliveries.Redeliver(unit, request));

    public override Task<Delivery> CancelDelivery(CancelDeliveryRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => deliveries.Cancel(unit, request.Id, request.Etag, reason: null));
}
