using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.MonitorTasks;

/// <summary>The calls of MonitorTaskService.</summary>
internal sealed class MonitorTaskCalls(ResourceCalls<MonitorTask> calls, MonitorTaskVerbs verbs) : ICalls
{
    private const string Field = "monitor_task";

    public void AddTo(CallHandlers handlers) => handlers
        .Add<CreateMonitorTaskRequest, MonitorTask>((request, call) => calls.CreateAsync(request, Field, call))
        .AddGet<GetMonitorTaskRequest, MonitorTask>((request, call) => calls.GetAsync(request, request.TaskId, call))
        .Add<BatchGetMonitorTasksRequest, BatchGetMonitorTasksResponse>(async (request, call) =>
            new() { MonitorTasks = { await calls.BatchGetAsync(request, request.Ids, call) } })
        .AddStored<ListMonitorTasksRequest, ListMonitorTasksResponse>(calls.ListAsync<ListMonitorTasksResponse>)
        .Add<UpdateMonitorTaskRequest, MonitorTask>((request, call) => calls.UpdateAsync(request, Field, call))
        .Add<DeleteMonitorTaskRequest, MonitorTask>((request, call) =>
            calls.CommitAsync(request, call, unit => verbs.Delete(unit, request)))
        .Add<PauseMonitorTaskRequest, MonitorTask>((request, call) => calls.CommitAsync(request, call, unit => verbs.Pause(unit, request)))
        .Add<ResumeMonitorTaskRequest, MonitorTask>((request, call) =>
            calls.CommitAsync(request, call, unit => verbs.Resume(unit, request)))
        .Add<TriggerMonitorTaskRequest, Delivery>((request, call) => calls.CommitAsync(
            request, call, unit => verbs.Trigger(unit, request), violations => MonitorTaskRules.CheckTrigger(request, violations)));
}
