using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.MonitorTasks;

/// <summary>The calls of MonitorTaskService.</summary>
internal sealed class MonitorTaskEndpoint(ResourceCalls<MonitorTask> calls, MonitorTaskVerbs deliveries) : MonitorTaskService.MonitorTaskServiceBase
{
    private const string Field = "monitor_task";

    public override Task<MonitorTask> CreateMonitorTask(CreateMonitorTaskRequest request, ServerCallContext context) =>
        calls.CreateAsync(request, Field, context);

    public new Task<StoredResource> GetMonitorTask(GetMonitorTaskRequest request, ServerCallContext context) =>
        calls.GetAsync(request, request.TaskId, context);

    public override async Task<BatchGetMonitorTasksResponse> BatchGetMonitorTasks(BatchGetMonitorTasksRequest request, ServerCallContext context) =>
        new() { MonitorTasks = { await calls.BatchGetAsync(request, request.Ids, context) } };

    public new Task<ResourcePage> ListMonitorTasks(ListMonitorTasksRequest request, ServerCallContext context) =>
        calls.ListAsync(request, context);

    public override Task<MonitorTask> UpdateMonitorTask(UpdateMonitorTaskRequest request, ServerCallContext context) =>
        calls.UpdateAsync(request, Field, context);

    public override Task<MonitorTask> DeleteMonitorTask(DeleteMonitorTaskRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => deliveries.Delete(unit, request));

    public override Task<MonitorTask> PauseMonitorTask(PauseMonitorTaskRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => deliveries.Pause(unit, request));

    public override Task<MonitorTask> ResumeMonitorTask(ResumeMonitorTaskRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => deliveries.Resume(unit, request));

    public override Task<Delivery> TriggerMonitorTask(TriggerMonitorTaskRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => deliveries.Trigger(unit, request), violations => MonitorTaskRules.CheckTrigger(request, violations));
}
