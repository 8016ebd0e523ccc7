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

public partial class UpdateAgentTaskRequest : IUpdateRequest<AgentTask>, IFenced
{
    AgentTask? IUpdateRequest<AgentTask>.Resource => AgentTask;

    bool IPatch.IsPatch { get; set; }
}

public partial class DeleteAgentTaskRequest : ITargetedMutation, IFenced;

public partial class TransitionAgentTaskRequest : ITransition;

public partial class ApproveAgentTaskRequest : ITargetedMutation;

public partial class RejectAgentTaskRequest : ITargetedMutation;
