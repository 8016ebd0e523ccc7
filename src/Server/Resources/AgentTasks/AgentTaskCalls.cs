using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.AgentTasks;

internal sealed class AgentTaskCalls(ResourceCalls<AgentTask> calls, AgentTaskDecisions decisions) : ICalls
{
    private const string Field = "agent_task";

    public void AddTo(CallHandlers handlers) => handlers
        .Add<CreateAgentTaskRequest, AgentTask>((request, call) => calls.CreateAsync(request, Field, call))
        .Add<BatchCreateAgentTasksRequest, BatchCreateAgentTasksResponse>((request, call) =>
            calls.BatchCreateAsync(request, "agent_tasks", call, tasks => new BatchCreateAgentTasksResponse { AgentTasks = { tasks } }))
        .AddGet<GetAgentTaskRequest, AgentTask>((request, call) => calls.GetAsync(request, request.Id, call))
        .Add<BatchGetAgentTasksRequest, BatchGetAgentTasksResponse>(async (request, call) =>
            new() { AgentTasks = { await calls.BatchGetAsync(request, request.Ids, call) } })
        .AddStored<ListAgentTasksRequest, ListAgentTasksResponse>(calls.ListAsync<ListAgentTasksResponse>)
        .Add<UpdateAgentTaskRequest, AgentTask>((request, call) => calls.UpdateAsync(request, Field, call))
        .Add<DeleteAgentTaskRequest, AgentTask>((request, call) =>
            calls.ChangeAsync(request, call, reason: null, check: null, (task, _, at) => AgentTaskVerbs.Delete(task, at)))
        .Add<TransitionAgentTaskRequest, AgentTask>((request, call) => calls.ChangeAsync(
            request,
            call,
            request.Reason,
            violations => AgentTaskVerbs.CheckTransition(request, violations),
            (task, caller, at) => AgentTaskVerbs.Transition(task, request, caller, at)))
        .Add<ApproveAgentTaskRequest, AgentTask>((request, call) =>
            calls.CommitAsync(request, call, unit => decisions.Approve(unit, request)))
        .Add<RejectAgentTaskRequest, AgentTask>((request, call) =>
            calls.CommitAsync(request, call, unit => decisions.Reject(unit, request)));
}
