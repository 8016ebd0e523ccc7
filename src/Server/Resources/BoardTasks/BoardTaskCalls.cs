using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.BoardTasks;

internal sealed class BoardTaskCalls(ResourceCalls<BoardTask> calls, BoardTaskVerbs verbs, BlockerVerbs blockers) : ICalls
{
    private const string Field = "board_task";

    public void AddTo(CallHandlers handlers) => handlers
        .Add<CreateBoardTaskRequest, BoardTask>((request, call) => calls.CreateAsync(request, Field, call))
        .Add<BatchCreateBoardTasksRequest, BatchCreateBoardTasksResponse>((request, call) =>
            calls.BatchCreateAsync(request, "board_tasks", call, tasks => new BatchCreateBoardTasksResponse { BoardTasks = { tasks } }))
        .AddGet<GetBoardTaskRequest, BoardTask>((request, call) => calls.GetAsync(request, request.Id, call))
        .Add<BatchGetBoardTasksRequest, BatchGetBoardTasksResponse>(async (request, call) =>
            new() { BoardTasks = { await calls.BatchGetAsync(request, request.Ids, call) } })
        .AddStored<ListBoardTasksRequest, ListBoardTasksResponse>(calls.ListAsync<ListBoardTasksResponse>)
        .Add<UpdateBoardTaskRequest, BoardTask>((request, call) => calls.UpdateAsync(request, Field, call))
        .Add<DeleteBoardTaskRequest, BoardTask>((request, call) => calls.CommitAsync(request, call, unit => verbs.Delete(unit, request)))
        .Add<TransitionBoardTaskRequest, BoardTask>((request, call) =>
            calls.CommitAsync(request, call, unit => verbs.Transition(unit, request)))
        .Add<AddSubtaskRequest, BoardTask>((request, call) => calls.CommitAsync(request, call, unit => verbs.Add(unit, request)))
        .Add<RemoveSubtaskRequest, BoardTask>((request, call) => calls.CommitAsync(request, call, unit => verbs.Remove(unit, request)))
        .AddStored<ListSubtasksRequest, ListSubtasksResponse>((request, call) =>
            calls.ListNeighboursAsync<ListSubtasksResponse>(request, request.ParentId, call, SubtaskStatements.NarrowToSubtasks))
        .AddStored<ListParentsRequest, ListParentsResponse>((request, call) =>
            calls.ListNeighboursAsync<ListParentsResponse>(request, request.ChildId, call, SubtaskStatements.NarrowToParents))
        .Add<AddBlockerRequest, BoardTask>((request, call) => calls.CommitAsync(request, call, unit => blockers.Add(unit, request)))
        .Add<RemoveBlockerRequest, BoardTask>((request, call) => calls.CommitAsync(request, call, unit => blockers.Remove(unit, request)))
        .AddStored<ListBlockersRequest, ListBlockersResponse>((request, call) =>
            calls.ListNeighboursAsync<ListBlockersResponse>(request, request.Id, call, BlockerStatements.NarrowToBlockers))
        .AddStored<ListBlockedRequest, ListBlockedResponse>((request, call) =>
            calls.ListNeighboursAsync<ListBlockedResponse>(request, request.Id, call, BlockerStatements.NarrowToBlocked));
}
