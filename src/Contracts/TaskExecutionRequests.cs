using Google.Protobuf.Collections;

namespace TaskGrpc.V1;

public partial class CreateTaskExecutionRequest : ICreateRequest<TaskExecution>
{
    TaskExecution? ICreateRequest<TaskExecution>.Resource => TaskExecution;
}

public partial class BatchCreateTaskExecutionsRequest : IBatchCreateRequest<TaskExecution>
{
    RepeatedField<TaskExecution> IBatchCreateRequest<TaskExecution>.Resources => TaskExecutions;
}

public partial class ListTaskExecutionsRequest : IListRequest;

public partial class TransitionTaskExecutionRequest : ITransition;

public partial class RetryTaskExecutionRequest : ITargetedMutation;

public partial class DeleteTaskExecutionRequest : ITargetedMutation, IFenced;
