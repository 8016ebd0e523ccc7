using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>What the verbs that concern edges between board tasks check and change, in one revision with the counts that follow.</summary>
internal sealed class BoardTaskGraph(KindDefinition<BoardTask> kind)
{
    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, SUBTASK_EXISTS, SUBTASK_CYCLE.</exception>
    public BoardTask Add(Commit commit, AddSubtaskRequest request)
    {
        var parent = commit.Change(kind, request.ParentId, request.Etag, reason: null, (_, task, _) => task.SubtaskCount++);
        commit.Require(kind, request.ChildId);
        var edge = Edge(commit, Guid.Parse(request.ParentId), Guid.Parse(request.ChildId));
        var graph = commit.Query().Graph;
        if (graph.HasEdge(commit.Caller.OrganizationId, edge.ParentId, edge.ChildId))
        {
            throw new Fault(ErrorReason.SubtaskExists, $"'{request.ChildId}' is a subtask of '{request.ParentId}' already. Nothing is left to do.")
            {
                Resource = ("Subtask", Name(request.ParentId, request.ChildId)),
            };
        }

        if (graph.WouldClose(commit.Caller.OrganizationId, edge.ParentId, edge.ChildId))
        {
            throw Fault.Precondition(ErrorReason.SubtaskCycle, Name(request.ParentId, request.ChildId), $"'{request.ChildId}' is '{request.ParentId}' itself or above it, so the edge would close a cycle. Remove the edge that leads back, or choose another parent.");
        }

        commit.Effects.Add(writer => writer.Insert(edge));
        return parent;
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, also for an edge that does not exist; ETAG_MISMATCH.</exception>
    public BoardTask Remove(Commit commit, RemoveSubtaskRequest request)
    {
        var parent = commit.Change(kind, request.ParentId, request.Etag, reason: null, (_, task, _) => task.SubtaskCount--);
        var edge = Edge(commit, Guid.Parse(request.ParentId), Guid.Parse(request.ChildId));
        if (!commit.Query().Graph.HasEdge(commit.Caller.OrganizationId, edge.ParentId, edge.ChildId))
        {
            throw Fault.NotFound("Subtask", Name(request.ParentId, request.ChildId));
        }

        commit.Effects.Add(writer => writer.Delete(edge));
        return parent;
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH.</exception>
    public BoardTask Delete(Commit commit, DeleteBoardTaskRequest request)
    {
        var deleted = commit.Change(kind, request.Id, request.Etag, reason: null, (_, task, at) => BoardTaskRules.Delete(task, at));
        var id = Guid.Parse(request.Id);
        var graph = commit.Query().Graph;
        foreach (var parent in graph.ParentsOf(commit.Caller.OrganizationId, id))
        {
            commit.Change(kind, parent.ToString(), etag: "", reason: null, (_, task, _) => task.SubtaskCount--);
            Cut(commit, Edge(commit, parent, id));
        }

        foreach (var child in graph.ChildrenOf(commit.Caller.OrganizationId, id))
        {
            Cut(commit, Edge(commit, id, child));
        }

        return deleted;
    }

    private static void Cut(Commit commit, SubtaskRow edge) => commit.Effects.Add(writer => writer.Delete(edge));

    private static SubtaskRow Edge(Commit commit, Guid parent, Guid child) =>
        new() { OrganizationId = commit.Caller.OrganizationId, ParentId = parent, ChildId = child };

    private static string Name(string parentId, string childId) => $"{parentId}/{childId}";
}
