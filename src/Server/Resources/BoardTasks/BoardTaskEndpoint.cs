using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>The calls of BoardTaskService.</summary>
internal sealed class BoardTaskEndpoint(ResourceCalls<BoardTask> calls, BoardTaskVerbs graph) : BoardTaskService.BoardTaskServiceBase
{
    private const string Field = "board_task";

    public override Task<BoardTask> CreateBoardTask(CreateBoardTaskRequest request, ServerCallContext context) =>
        calls.CreateAsync(request, Field, context);

    public override Task<BatchCreateBoardTasksResponse> BatchCreateBoardTasks(BatchCreateBoardTasksRequest request, ServerCallContext context) =>
        calls.BatchCreateAsync(request, "board_tasks", context, tasks => new BatchCreateBoardTasksResponse { BoardTasks = { tasks } });

    public new Task<StoredResource> GetBoardTask(GetBoardTaskRequest request, ServerCallContext context) =>
        calls.GetAsync(request, request.Id, context);

    public override async Task<BatchGetBoardTasksResponse> BatchGetBoardTasks(BatchGetBoardTasksRequest request, ServerCallContext context) =>
        new() { BoardTasks = { await calls.BatchGetAsync(request, request.Ids, context) } };

    public new Task<ResourcePage> ListBoardTasks(ListBoardTasksRequest request, ServerCallContext context) =>
        calls.ListAsync(request, context);

    public override Task<BoardTask> UpdateBoardTask(UpdateBoardTaskRequest request, ServerCallContext context) =>
        calls.UpdateAsync(request, Field, context);

    public override Task<BoardTask> DeleteBoardTask(DeleteBoardTaskRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => graph.Delete(unit, request));

    public override Task<BoardTask> TransitionBoardTask(TransitionBoardTaskRequest request, ServerCallContext context) =>
        calls.ChangeAsync(request, context, request.Reason, check: null, (task, _, _) => BoardTaskRules.Transition(task, request.Status));

    public override Task<BoardTask> AddSubtask(AddSubtaskRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => graph.Add(unit, request));

    public override Task<BoardTask> RemoveSubtask(RemoveSubtaskRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, unit => graph.Remove(unit, request));

    public new Task<ResourcePage> ListSubtasks(ListSubtasksRequest request, ServerCallContext context) =>
        calls.ListNeighboursAsync(request, request.ParentId, context, (db, parent) => db.SubtasksOf(parent));

    public new Task<ResourcePage> ListParents(ListParentsRequest request, ServerCallContext context) =>
        calls.ListNeighboursAsync(request, request.ChildId, context, (db, child) => db.ParentsOf(child));
}
