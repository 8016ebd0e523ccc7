using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>
/// The verbs that change edges between parents and subtasks, and those that concern the edges of both graphs. Edges and counts change in
/// one revision.
/// </summary>
internal sealed class BoardTaskVerbs(KindDefinition<BoardTask> kind, BlockerVerbs blockers, Fence<BoardTask> fence)
{
    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, SUBTASK_EXISTS, SUBTASK_LIMIT, SUBTASK_CYCLE.</exception>
    public BoardTask Add(UnitOfWork unit, AddSubtaskRequest request)
    {
        var parent = unit.Change(kind, request.ParentId, request.Etag, reason: null, (_, task, _) => task.SubtaskCount++);
        unit.Require(kind, request.ChildId);
        var edge = Edge(unit, Guid.Parse(request.ParentId), Guid.Parse(request.ChildId));
        var graph = unit.Query<SubtaskStatements>();
        if (graph.HasEdge(unit.Caller.OrganizationId, edge.ParentId, edge.ChildId))
        {
            throw new Fault(
                ErrorReason.SubtaskExists, $"'{request.ChildId}' is already a subtask of '{request.ParentId}'. You need not add it again.")
            {
                Resource = ("Subtask", Name(request.ParentId, request.ChildId)),
            };
        }

        if (parent.SubtaskCount > EdgeStatements.MostEdges)
        {
            throw Limit(
                request,
                $"'{request.ParentId}' already has {EdgeStatements.MostEdges} subtasks, the most that a task can have. "
                + "Remove one, or group some of them under a new task.");
        }

        if (graph.HasMostSources(unit.Caller.OrganizationId, edge.ChildId))
        {
            throw Limit(
                request,
                $"'{request.ChildId}' already has {EdgeStatements.MostEdges} parents, the most that a task can have. "
                + "Remove it from one first.");
        }

        switch (graph.WouldClose(unit.Caller.OrganizationId, edge.ParentId, edge.ChildId))
        {
            case true:
                throw Fault.Precondition(
                    ErrorReason.SubtaskCycle,
                    Name(request.ParentId, request.ChildId),
                    $"'{request.ChildId}' is '{request.ParentId}' itself or one of its ancestors, so this edge would make a cycle. "
                    + $"Choose another parent, or first remove an edge between '{request.ChildId}' and '{request.ParentId}'.");
            case null:
                throw Limit(
                    request,
                    $"'{request.ParentId}' has more than {EdgeStatements.MostSearched} ancestors, too many to check for a cycle. "
                    + "Choose a parent with fewer ancestors, or remove some of its edges.");
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
    /// RESOURCE_NOT_FOUND, ETAG_MISMATCH; SUBTASK_LIMIT for a task to which an older release added more edges.
    /// </exception>
    public BoardTask Delete(UnitOfWork unit, DeleteBoardTaskRequest request)
    {
        var deleted = unit.Change(kind, request.Id, request.Etag, reason: null, (before, task, at) =>
        {
            BoardTaskRules.Delete(task, at);
            fence.Settle(unit, before, task, request);
        }, before => fence.Check(unit, before, request));
        var id = Guid.Parse(request.Id);
        var graph = unit.Query<SubtaskStatements>();
        var parents = graph.SourcesOf(unit.Caller.OrganizationId, id);
        var children = graph.TargetsOf(unit.Caller.OrganizationId, id);
        if (parents.Count > EdgeStatements.MostEdges || children.Count > EdgeStatements.MostEdges)
        {
            var edges = parents.Count > EdgeStatements.MostEdges ? "parents" : "subtasks";
            throw Fault.Precondition(
                ErrorReason.SubtaskLimit,
                $"BoardTask/{request.Id}",
                $"'{request.Id}' has more than {EdgeStatements.MostEdges} {edges}, the most that one delete can remove. "
                + "Remove some with RemoveSubtask first, then delete the task.");
        }

        parents.ForEach(parent => Cut(unit, Edge(unit, parent, id)));
        children.ForEach(child => Cut(unit, Edge(unit, id, child)));
        Uncount(unit, parents, blockers.Remove(unit, deleted));
        return deleted;
    }

    /// <exception cref="Fault">
    /// RESOURCE_NOT_FOUND, LEASE_REQUIRED, LEASE_LOST, ETAG_MISMATCH, INVALID_TRANSITION, ASSIGNEE_REQUIRED.
    /// </exception>
    public BoardTask Transition(UnitOfWork unit, TransitionBoardTaskRequest request)
    {
        var wasOpen = false;
        var moved = unit.Change(kind, request.Id, request.Etag, request.Reason, (before, task, at) =>
        {
            wasOpen = BlockerVerbs.IsOpen(before);
            BoardTaskRules.Transition(task, request.Status);
            fence.Settle(unit, before, task, request);
        }, before => fence.Check(unit, before, request));
        blockers.Moved(unit, moved, wasOpen);
        return moved;
    }

    /// <summary>
    /// Takes a deleted task out of the counts of others. A task that had it as a subtask and as a blocker changes once: the log has one
    /// change of a resource in a revision.
    /// </summary>
    private void Uncount(UnitOfWork unit, List<Guid> parents, List<Guid> blocked)
    {
        var (hadSubtask, hadBlocker) = (parents.ToHashSet(), blocked.ToHashSet());
        Guid[] others = [.. parents.Union(blocked)];
        unit.Foresee(kind, others);
        foreach (var other in others)
        {
            unit.Change(kind, other.ToString(), etag: "", reason: null, (_, task, _) =>
            {
                task.SubtaskCount -= hadSubtask.Contains(other) ? 1 : 0;
                task.OpenBlockers -= hadBlocker.Contains(other) ? 1 : 0;
            });
        }
    }

    private static Fault Limit(AddSubtaskRequest request, string message) =>
        Fault.Precondition(ErrorReason.SubtaskLimit, Name(request.ParentId, request.ChildId), message);

    private static void Cut(UnitOfWork unit, SubtaskRow edge) => unit.Effects.Add(writer => writer.Delete(edge));

    private static SubtaskRow Edge(UnitOfWork unit, Guid parent, Guid child) =>
        new() { OrganizationId = unit.Caller.OrganizationId, ParentId = parent, ChildId = child };

    private static string Name(string parentId, string childId) => $"{parentId}/{childId}";
}
