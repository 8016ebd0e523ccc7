using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>The calls of AgentTaskService.</summary>
internal sealed class AgentTaskEndpoint(ResourceCalls<AgentTask> calls) : AgentTaskService.AgentTaskServiceBase
{
    private const string Field = "agent_task";

    public override Task<AgentTask> CreateAgentTask(CreateAgentTaskRequest request, ServerCallContext context) =>
        calls.CreateAsync(request, Field, context);

    public override Task<BatchCreateAgentTasksResponse> BatchCreateAgentTasks(BatchCreateAgentTasksRequest request, ServerCallContext context) =>
        calls.BatchCreateAsync(request, "agent_tasks", context, tasks => new BatchCreateAgentTasksResponse { AgentTasks = { tasks } });

    public new Task<StoredResource> GetAgentTask(GetAgentTaskRequest request, ServerCallContext context) =>
        calls.GetAsync(request, request.Id, context);

    public override async Task<BatchGetAgentTasksResponse> BatchGetAgentTasks(BatchGetAgentTasksRequest request, ServerCallContext context) =>
        new() { AgentTasks = { await calls.BatchGetAsync(request, request.Ids, context) } };

    public new Task<ResourcePage> ListAgentTasks(ListAgentTasksRequest request, ServerCallContext context) =>
        calls.ListAsync(request, context);

    public override Task<AgentTask> UpdateAgentTask(UpdateAgentTaskRequest request, ServerCallContext context) =>
        calls.UpdateAsync(request, Field, context);

    public override Task<AgentTask> DeleteAgentTask(DeleteAgentTaskRequest request, ServerCallContext context) =>
        calls.ChangeAsync(request, context, reason: null, check: null, (task, _, at) => AgentTaskVerbs.Delete(task, at));

    public override Task<AgentTask> TransitionAgentTask(TransitionAgentTaskRequest request, ServerCallContext context) =>
        calls.ChangeAsync(request, context, request.Reason, violations => AgentTaskVerbs.CheckTransition(request, violations), (task, caller, at) => AgentTaskVerbs.Transition(task, request, caller, at));

    public override Task<AgentTask> ApproveAgentTask(ApproveAgentTaskRequest request, ServerCallContext context) =>
        calls.ChangeAsync(request, context, request.Comment, check: null, (task, caller, at) => AgentTaskVerbs.Approve(task, request, caller, at));

    public override Task<AgentTask> RejectAgentTask(RejectAgentTaskRequest request, ServerCallContext context) =>
        calls.ChangeAsync(request, context, request.Comment, check: null, (task, caller, at) => AgentTaskVerbs.Reject(task, request, caller, at));
}
