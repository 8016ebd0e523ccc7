namespace TaskGrpc.V1;

public partial class CreateFlowExecutionRequest : ICreateRequest<FlowExecution>
{
    FlowExecution? ICreateRequest<FlowExecution>.Resource => FlowExecution;
}

public partial class ListFlowExecutionsRequest : IListRequest;

public partial class TransitionFlowExecutionRequest : ITargetedMutation;
