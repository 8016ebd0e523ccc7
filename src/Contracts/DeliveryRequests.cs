namespace TaskGrpc.V1;

public partial class ListDeliveriesRequest : IListRequest;

public partial class RedeliverDeliveryRequest : ITargetedMutation;

public partial class CancelDeliveryRequest : ITargetedMutation;
