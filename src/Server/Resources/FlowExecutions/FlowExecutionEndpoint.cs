using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.FlowExecutions;

/// <summary>The calls of FlowExecutionService.</summary>
internal sealed class FlowExecutionEndpoint(ResourceCalls<FlowExecution> calls, FlowExecutionVerbs cascade) : FlowExecutionService.FlowExecutionServiceBase
{
    public override Task<FlowExecution> CreateFlowExecution(CreateFlowExecutionRequest request, ServerCallContext context) =>
        calls.CreateAsync(request, "flow_execution", context);

    public new Task<StoredResource> GetFlowExecution(GetFlowExecutionRequest request, ServerCallContext context) =>
        calls.GetAsync(request, request.Id, context);

    public override async Task<BatchGetFlowExecutionsResponse> BatchGetFlowExecutions(BatchGetFlowExecutionsRequest request, ServerCallContext context) =>
        new() { FlowExecutions = { await calls.BatchGetAsync(request, request.Ids, context) } };

    public new Task<ResourcePage> ListFlowExecutions(ListFlowExecutionsRequest request, ServerCallContext context) =>
        calls.ListAsync(request, context);

    public override Task<FlowExecution> TransitionFlowExecution(TransitionFlowExecutionRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => cascade.Transition(unit, request));
}
