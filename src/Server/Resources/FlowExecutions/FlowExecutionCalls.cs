using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.FlowExecutions;

internal sealed class FlowExecutionCalls(ResourceCalls<FlowExecution> calls, FlowExecutionVerbs verbs) : ICalls
{
    public void AddTo(CallHandlers handlers) => handlers
        .Add<CreateFlowExecutionRequest, FlowExecution>((request, call) => calls.CreateAsync(request, "flow_execution", call))
        .AddGet<GetFlowExecutionRequest, FlowExecution>((request, call) => calls.GetAsync(request, request.Id, call))
        .Add<BatchGetFlowExecutionsRequest, BatchGetFlowExecutionsResponse>(async (request, call) =>
            new() { FlowExecutions = { await calls.BatchGetAsync(request, request.Ids, call) } })
        .AddStored<ListFlowExecutionsRequest, ListFlowExecutionsResponse>(calls.ListAsync<ListFlowExecutionsResponse>)
        .Add<TransitionFlowExecutionRequest, FlowExecution>((request, call) =>
            calls.CommitAsync(request, call, unit => verbs.Transition(unit, request)));
}
