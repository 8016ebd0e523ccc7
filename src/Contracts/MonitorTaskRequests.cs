namespace TaskGrpc.V1;

public partial class CreateMonitorTaskRequest : ICreateRequest<MonitorTask>
{
    MonitorTask? ICreateRequest<MonitorTask>.Resource => MonitorTask;
}

public partial class ListMonitorTasksRequest : IListRequest;

public partial class UpdateMonitorTaskRequest : IUpdateRequest<MonitorTask>
{
    MonitorTask? IUpdateRequest<MonitorTask>.Resource => MonitorTask;

    bool IPatch.IsPatch { get; set; }
}

public partial class DeleteMonitorTaskRequest : ITargetedMutation
{
    string ITargetedMutation.Id => TaskId;
}

public partial class PauseMonitorTaskRequest : ITargetedMutation
{
    string ITargetedMutation.Id => TaskId;
}

public partial class ResumeMonitorTaskRequest : ITargetedMutation
{
    string ITargetedMutation.Id => TaskId;
}

public partial class TriggerMonitorTaskRequest : IMutation;
