using Google.Protobuf.Collections;

namespace TaskGrpc.V1;

public partial class CreateAgentTaskRequest : ICreateRequest<AgentTask>
{
    AgentTask? ICreateRequest<AgentTask>.Resource => AgentTask;
}

public partial class BatchCreateAgentTasksRequest : IBatchCreateRequest<AgentTask>
{
    RepeatedField<AgentTask> IBatchCreateRequest<AgentTask>.Resources => AgentTasks;
}

public partial class ListAgentTasksRequest : IListRequest;

public partial class UpdateAgentTaskRequest : IUpdateRequest<AgentTask>
{
    AgentTask? IUpdateRequest<AgentTask>.Resource => AgentTask;
}

public partial class DeleteAgentTaskRequest : ITargetedMutation;

public partial class TransitionAgentTaskRequest : ITargetedMutation;

public partial class ApproveAgentTaskRequest : ITargetedMutation;

public partial class RejectAgentTaskRequest : ITargetedMutation;
