using Google.Protobuf.Collections;

namespace TaskGrpc.V1;

public partial class CreateBoardTaskRequest : ICreateRequest<BoardTask>
{
    BoardTask? ICreateRequest<BoardTask>.Resource => BoardTask;
}

public partial class BatchCreateBoardTasksRequest : IBatchCreateRequest<BoardTask>
{
    RepeatedField<BoardTask> IBatchCreateRequest<BoardTask>.Resources => BoardTasks;
}

public partial class ListBoardTasksRequest : IListRequest;

public partial class UpdateBoardTaskRequest : IUpdateRequest<BoardTask>, IFenced
{
    BoardTask? IUpdateRequest<BoardTask>.Resource => BoardTask;

    bool IPatch.IsPatch { get; set; }
}

public partial class DeleteBoardTaskRequest : ITargetedMutation, IFenced;

public partial class TransitionBoardTaskRequest : ITransition;

public partial class AddSubtaskRequest : ITargetedMutation
{
    string ITargetedMutation.Id => ParentId;
}

public partial class RemoveSubtaskRequest : ITargetedMutation
{
    string ITargetedMutation.Id => ParentId;
}

public partial class ListSubtasksRequest : IPageRequest;

public partial class ListParentsRequest : IPageRequest;

public partial class AddBlockerRequest : ITargetedMutation
{
    string ITargetedMutation.Id => BlockedId;
}

public partial class RemoveBlockerRequest : ITargetedMutation
{
    string ITargetedMutation.Id => BlockedId;
}

public partial class ListBlockersRequest : IPageRequest;

public partial class ListBlockedRequest : IPageRequest;
