using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>The calls of TaskExecutionService.</summary>
internal sealed class TaskExecutionEndpoint(ResourceCalls<TaskExecution> calls, TaskExecutionVerbs admission) : TaskExecutionService.TaskExecutionServiceBase
{
    public override Task<TaskExecution> CreateTaskExecution(CreateTaskExecutionRequest request, ServerCallContext context) =>
        calls.CreateAsync(request, "task_execution", context, admission.Admit);

    public override Task<BatchCreateTaskExecutionsResponse> BatchCreateTaskExecutions(BatchCreateTaskExecutionsRequest request, ServerCallContext context) =>
        calls.BatchCreateAsync(request, "task_executions", context, executions => new BatchCreateTaskExecutionsResponse { TaskExecutions = { executions } }, admission.Admit);

    public new Task<StoredResource> GetTaskExecution(GetTaskExecutionRequest request, ServerCallContext context) =>
        calls.GetAsync(request, request.Id, context);

    public override async Task<BatchGetTaskExecutionsResponse> BatchGetTaskExecutions(BatchGetTaskExecutionsRequest request, ServerCallContext context) =>
        new() { TaskExecutions = { await calls.BatchGetAsync(request, request.Ids, context) } };

    public override Task<TaskExecution> GetTaskExecutionByKey(GetTaskExecutionByKeyRequest request, ServerCallContext context)
    {
        int? index = request.HasTaskExecutionIndex ? request.TaskExecutionIndex : null;
        var name = $"{request.FlowExecutionId}/{request.TaskName}/{index?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "latest"}";
        return calls.FindAsync(request, name, context, db => db.TaskExecutionsBy(Guid.Parse(request.FlowExecutionId), request.TaskName, index));
    }

    public new Task<ResourcePage> ListTaskExecutions(ListTaskExecutionsRequest request, ServerCallContext context) =>
        calls.ListAsync(request, context);

    public override Task<TaskExecution> TransitionTaskExecution(TransitionTaskExecutionRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => admission.Transition(unit, request), violations => TaskExecutionRules.CheckTransition(request, violations));

    public override Task<TaskExecution> RetryTaskExecution(RetryTaskExecutionRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => admission.Retry(unit, request));

    public override Task<TaskExecution> DeleteTaskExecution(DeleteTaskExecutionRequest request, ServerCallContext context) =>
        calls.ChangeAsync(request, context, reason: null, check: null, (execution, caller, _) => TaskExecutionRules.Delete(execution, caller));
}
