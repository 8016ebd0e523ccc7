using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>What the verbs that concern edges between board tasks check and change, in one revision with the counts that follow.</summary>
internal sealed class BoardTaskVerbs(KindDefinition<BoardTask> kind)
{
    /// <summary>
    /// The most subtasks of one task, and the most parents: a delete removes them all in one command, and every command of an
    /// organization waits for it.
    /// </summary>
    private const int MostEdges = 1000;

    /// <summary>The most tasks among which a cycle is looked for before an edge is added, the parent and everything above it.</summary>
    private const int MostSearched = 10_000;

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, SUBTASK_EXISTS, SUBTASK_LIMIT, SUBTASK_CYCLE.</exception>
    public BoardTask Add(UnitOfWork unit, AddSubtaskRequest request)
    {
        var parent = unit.Change(kind, request.ParentId, request.Etag, reason: null, (_, task, _) => task.SubtaskCount++);
        unit.Require(kind, request.ChildId);
        var edge = Edge(unit, Guid.Parse(request.ParentId), Guid.Parse(request.ChildId));
        var graph = unit.Query<SubtaskStatements>();
        if (graph.HasEdge(unit.Caller.OrganizationId, edge.ParentId, edge.ChildId))
        {
            throw new Fault(ErrorReason.SubtaskExists, $"'{request.ChildId}' is a subtask of '{request.ParentId}' already. Nothing is left to do.")
            {
                Resource = ("Subtask", Name(request.ParentId, request.ChildId)),
            };
        }

        if (parent.SubtaskCount > MostEdges)
        {
            throw Limit(
                request,
                $"'{request.ParentId}' has {MostEdges} subtasks, as many as a task may have. "
                + "Remove one that is no longer needed, or group them under tasks of their own.");
        }

        if (graph.HasParents(unit.Caller.OrganizationId, edge.ChildId, MostEdges))
        {
            throw Limit(request, $"'{request.ChildId}' has {MostEdges} parents, as many as a task may have. Remove it from one first.");
        }

        switch (graph.WouldClose(unit.Caller.OrganizationId, edge.ParentId, edge.ChildId, MostSearched))
        {
            case true:
                throw Fault.Precondition(ErrorReason.SubtaskCycle, Name(request.ParentId, request.ChildId), $"'{request.ChildId}' is '{request.ParentId}' itself or above it, so the edge would close a cycle. Remove the edge that leads back, or choose another parent.");
            case null:
                throw Limit(
                    request,
                    $"'{request.ParentId}' has more than {MostSearched} tasks above it, too many to look for a cycle among them. "
                    + "Choose a parent with fewer tasks above it, or remove edges there.");
        }

        unit.Effects.Add(writer => writer.Insert(edge));
        return parent;
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, also for an edge that does not exist; ETAG_MISMATCH.</exception>
    public BoardTask Remove(UnitOfWork unit, RemoveSubtaskRequest request)
    {
        var parent = unit.Change(kind, request.ParentId, request.Etag, reason: null, (_, task, _) => task.SubtaskCount--);
        var edge = Edge(unit, Guid.Parse(request.ParentId), Guid.Parse(request.ChildId));
        if (!unit.Query<SubtaskStatements>().HasEdge(unit.Caller.OrganizationId, edge.ParentId, edge.ChildId))
        {
            throw Fault.NotFound("Subtask", Name(request.ParentId, request.ChildId));
        }

        unit.Effects.Add(writer => writer.Delete(edge));
        return parent;
    }

    /// <exception cref="Fault">
    /// RESOURCE_NOT_FOUND, ETAG_MISMATCH; SUBTASK_LIMIT for a task that got more edges from an older release.
    /// </exception>
    public BoardTask Delete(UnitOfWork unit, DeleteBoardTaskRequest request)
    {
        var deleted = unit.Change(kind, request.Id, request.Etag, reason: null, (_, task, at) => BoardTaskRules.Delete(task, at));
        var id = Guid.Parse(request.Id);
        var graph = unit.Query<SubtaskStatements>();
        var parents = graph.ParentsOf(unit.Caller.OrganizationId, id, MostEdges + 1);
        var children = graph.ChildrenOf(unit.Caller.OrganizationId, id, MostEdges + 1);
        if (parents.Count > MostEdges || children.Count > MostEdges)
        {
            var edges = parents.Count > MostEdges ? "parents" : "subtasks";
            throw Fault.Precondition(
                ErrorReason.SubtaskLimit,
                $"BoardTask/{request.Id}",
                $"'{request.Id}' has more than {MostEdges} {edges}, and a delete removes at most that many edges of a sort. "
                + "Remove the others with RemoveSubtask first, then delete the task.");
        }

        unit.Foresee(kind, parents);
        foreach (var parent in parents)
        {
            unit.Change(kind, parent.ToString(), etag: "", reason: null, (_, task, _) => task.SubtaskCount--);
            Cut(unit, Edge(unit, parent, id));
        }

        foreach (var child in children)
        {
            Cut(unit, Edge(unit, id, child));
        }

        return deleted;
    }

    private static Fault Limit(AddSubtaskRequest request, string message) =>
        Fault.Precondition(ErrorReason.SubtaskLimit, Name(request.ParentId, request.ChildId), message);

    private static void Cut(UnitOfWork unit, SubtaskRow edge) => unit.Effects.Add(writer => writer.Delete(edge));

    private static SubtaskRow Edge(UnitOfWork unit, Guid parent, Guid child) =>
        new() { OrganizationId = unit.Caller.OrganizationId, ParentId = parent, ChildId = child };

    private static string Name(string parentId, string childId) => $"{parentId}/{childId}";
}
