using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>The calls of BoardTaskService.</summary>
internal sealed class BoardTaskEndpoint(ResourceCalls<BoardTask> calls, BoardTaskGraph graph) : BoardTaskService.BoardTaskServiceBase
{
    private const string Field = "board_task";

    public override Task<BoardTask> CreateBoardTask(CreateBoardTaskRequest request, ServerCallContext context) =>
        calls.CreateAsync(request, Field, context);

    public override Task<BatchCreateBoardTasksResponse> BatchCreateBoardTasks(BatchCreateBoardTasksRequest request, ServerCallContext context) =>
        calls.BatchCreateAsync(request, "board_tasks", context, tasks => new BatchCreateBoardTasksResponse { BoardTasks = { tasks } });

    public override Task<BoardTask> GetBoardTask(GetBoardTaskRequest request, ServerCallContext context) =>
        calls.GetAsync(request, request.Id, context);

    public override async Task<BatchGetBoardTasksResponse> BatchGetBoardTasks(BatchGetBoardTasksRequest request, ServerCallContext context) =>
        new() { BoardTasks = { await calls.BatchGetAsync(request, request.Ids, context) } };

    public override async Task<ListBoardTasksResponse> ListBoardTasks(ListBoardTasksRequest request, ServerCallContext context)
    {
        var page = await calls.ListAsync(request, context);
        return new ListBoardTasksResponse { BoardTasks = { page.Resources }, NextPageToken = page.Next, Revision = page.Revision, ResumeToken = page.ResumeToken };
    }

    public override Task<BoardTask> UpdateBoardTask(UpdateBoardTaskRequest request, ServerCallContext context) =>
        calls.UpdateAsync(request, Field, context);

    public override Task<BoardTask> DeleteBoardTask(DeleteBoardTaskRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, commit => graph.Delete(commit, request));

    public override Task<BoardTask> TransitionBoardTask(TransitionBoardTaskRequest request, ServerCallContext context) =>
        calls.ChangeAsync(request, context, request.Reason, check: null, (task, _, _) => BoardTaskRules.Transition(task, request.Status));

    public override Task<BoardTask> AddSubtask(AddSubtaskRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, commit => graph.Add(commit, request));

    public override Task<BoardTask> RemoveSubtask(RemoveSubtaskRequest request, ServerCallContext context) =>
        calls.CommitAsync(request, context, commit => graph.Remove(commit, request));

    public override async Task<ListSubtasksResponse> ListSubtasks(ListSubtasksRequest request, ServerCallContext context)
    {
        var page = await calls.ListNeighboursAsync(request, request.ParentId, context, (db, parent) => db.SubtasksOf(parent));
        return new ListSubtasksResponse { BoardTasks = { page.Resources }, NextPageToken = page.Next, Revision = page.Revision, ResumeToken = page.ResumeToken };
    }

    public override async Task<ListParentsResponse> ListParents(ListParentsRequest request, ServerCallContext context)
    {
        var page = await calls.ListNeighboursAsync(request, request.ChildId, context, (db, child) => db.ParentsOf(child));
        return new ListParentsResponse { BoardTasks = { page.Resources }, NextPageToken = page.Next, Revision = page.Revision, ResumeToken = page.ResumeToken };
    }
}
