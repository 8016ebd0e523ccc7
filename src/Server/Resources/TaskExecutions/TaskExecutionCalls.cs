using System.Globalization;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.TaskExecutions;

internal sealed class TaskExecutionCalls(ResourceCalls<TaskExecution> calls, TaskExecutionVerbs verbs) : ICalls
{
    public void AddTo(CallHandlers handlers) => handlers
        .Add<CreateTaskExecutionRequest, TaskExecution>((request, call) =>
            calls.CreateAsync(request, "task_execution", call, verbs.Complete))
        .Add<BatchCreateTaskExecutionsRequest, BatchCreateTaskExecutionsResponse>((request, call) => calls.BatchCreateAsync(
            request, "task_executions", call, executions => new BatchCreateTaskExecutionsResponse { TaskExecutions = { executions } },
                verbs.Complete))
        .AddGet<GetTaskExecutionRequest, TaskExecution>((request, call) => calls.GetAsync(request, request.Id, call))
        .Add<BatchGetTaskExecutionsRequest, BatchGetTaskExecutionsResponse>(async (request, call) =>
            new() { TaskExecutions = { await calls.BatchGetAsync(request, request.Ids, call) } })
        .Add<GetTaskExecutionByKeyRequest, TaskExecution>(FindAsync)
        .AddStored<ListTaskExecutionsRequest, ListTaskExecutionsResponse>(calls.ListAsync<ListTaskExecutionsResponse>)
        .Add<TransitionTaskExecutionRequest, TaskExecution>((request, call) => calls.CommitAsync(
            request, call, unit => verbs.Transition(unit, request), violations => TaskExecutionRules.CheckTransition(request, violations)))
        .Add<RetryTaskExecutionRequest, TaskExecution>((request, call) =>
            calls.CommitAsync(request, call, unit => verbs.Retry(unit, request)))
        .Add<DeleteTaskExecutionRequest, TaskExecution>((request, call) =>
            calls.ChangeAsync(
                request, call, reason: null, check: null, (execution, caller, _) => TaskExecutionRules.Delete(execution, caller)));

    private Task<TaskExecution> FindAsync(GetTaskExecutionByKeyRequest request, Call call)
    {
        int? index = request.HasTaskExecutionIndex ? request.TaskExecutionIndex : null;
        var name = $"{request.FlowExecutionId}/{request.TaskName}/{index?.ToString(CultureInfo.InvariantCulture) ?? "latest"}";
        return calls.FindAsync(request, name, call, reader =>
            reader.Statements<TaskExecutionStatements>()
                .ByKey(call.Caller.OrganizationId, Guid.Parse(request.FlowExecutionId), request.TaskName, index));
    }
}
