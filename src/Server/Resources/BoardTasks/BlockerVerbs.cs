using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>
/// The verbs that change which board tasks block which. The count of a task's open blockers changes in the revision of the blocker. It
/// holds back claims only.
/// </summary>
internal sealed class BlockerVerbs(KindDefinition<BoardTask> kind)
{
    /// <summary>The most blockers of one task, and the most tasks that it blocks: they all change in one command.</summary>
    private const int MostEdges = 1000;

    /// <summary>The most tasks, the blocker and what blocks it, that the check for a cycle reads.</summary>
    private const int MostSearched = 10_000;

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, BLOCKER_EXISTS, BLOCKER_LIMIT, BLOCKER_CYCLE.</exception>
    public BoardTask Add(UnitOfWork unit, AddBlockerRequest request)
    {
        unit.Require(kind, request.BlockedId, request.Etag);
        var blocker = unit.Require(kind, request.BlockerId);
        var edge = Edge(unit, Guid.Parse(request.BlockedId), Guid.Parse(request.BlockerId));
        RequireNew(unit, edge);
        RequireRoom(unit, edge);
        RequireNoCycle(unit, edge);
        unit.Effects.Add(writer => writer.Insert(edge));
        return unit.Change(kind, request.BlockedId, etag: "", reason: null, (_, task, _) => task.OpenBlockers += IsOpen(blocker) ? 1 : 0);
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, also for an edge that does not exist; ETAG_MISMATCH.</exception>
    public BoardTask Remove(UnitOfWork unit, RemoveBlockerRequest request)
    {
        unit.Require(kind, request.BlockedId, request.Etag);
        var edge = Edge(unit, Guid.Parse(request.BlockedId), Guid.Parse(request.BlockerId));
        if (!unit.Query<BlockerStatements>().HasEdge(unit.Caller.OrganizationId, edge.BlockerId, edge.BlockedId))
        {
            throw Fault.NotFound("Blocker", Name(edge));
        }

        // The edges of a deleted task are gone, so the blocker lives.
        var isOpen = IsOpen(unit.Find(kind, edge.BlockerId)!);
        unit.Effects.Add(writer => writer.Delete(edge));
        return unit.Change(kind, request.BlockedId, etag: "", reason: null, (_, task, _) => task.OpenBlockers -= isOpen ? 1 : 0);
    }

    /// <summary>Removes all edges of a task that is deleted.</summary>
    public void Remove(UnitOfWork unit, BoardTask deleted)
    {
        var (organizationId, id) = (unit.Caller.OrganizationId, Guid.Parse(deleted.Id));
        var graph = unit.Query<BlockerStatements>();
        var blocked = graph.TargetsOf(organizationId, id, MostEdges);
        var edges = blocked.Select(other => Edge(unit, other, id))
            .Concat(graph.SourcesOf(organizationId, id, MostEdges).Select(other => Edge(unit, id, other)));
        foreach (var edge in edges)
        {
            unit.Effects.Add(writer => writer.Delete(edge));
        }

        Count(unit, blocked, deleted.Status == BoardTaskStatus.Done ? 0 : -1);
    }

    /// <summary>Counts a task that has moved for those that it blocks.</summary>
    public void Moved(UnitOfWork unit, BoardTask task, bool wasDone)
    {
        var isDone = task.Status == BoardTaskStatus.Done;
        if (isDone != wasDone)
        {
            var blocked = unit.Query<BlockerStatements>().TargetsOf(unit.Caller.OrganizationId, Guid.Parse(task.Id), MostEdges);
            Count(unit, blocked, isDone ? -1 : 1);
        }
    }

    private void Count(UnitOfWork unit, List<Guid> blocked, int change)
    {
        unit.Foresee(kind, blocked);
        foreach (var id in blocked)
        {
            unit.Change(kind, id.ToString(), etag: "", reason: null, (_, task, _) => task.OpenBlockers += change);
        }
    }

    private static bool IsOpen(BoardTask blocker) => blocker.Status != BoardTaskStatus.Done;

    private static void RequireNew(UnitOfWork unit, BlockerRow edge)
    {
        if (unit.Query<BlockerStatements>().HasEdge(unit.Caller.OrganizationId, edge.BlockerId, edge.BlockedId))
        {
            throw new Fault(
                ErrorReason.BlockerExists, $"'{edge.BlockerId}' blocks '{edge.BlockedId}' already. You need not add it again.")
            {
                Resource = ("Blocker", Name(edge)),
            };
        }
    }

    private static void RequireRoom(UnitOfWork unit, BlockerRow edge)
    {
        var graph = unit.Query<BlockerStatements>();
        if (graph.HasSources(unit.Caller.OrganizationId, edge.BlockedId, MostEdges))
        {
            throw Limit(edge, $"'{edge.BlockedId}' has {MostEdges} blockers, the most that a task can have. Remove one first.");
        }

        if (graph.HasTargets(unit.Caller.OrganizationId, edge.BlockerId, MostEdges))
        {
            throw Limit(edge, $"'{edge.BlockerId}' blocks {MostEdges} tasks, the most that a task can block. Remove it from one first.");
        }
    }

    private static void RequireNoCycle(UnitOfWork unit, BlockerRow edge)
    {
        switch (unit.Query<BlockerStatements>().WouldClose(unit.Caller.OrganizationId, edge.BlockerId, edge.BlockedId, MostSearched))
        {
            case true:
                throw Fault.Precondition(
                    ErrorReason.BlockerCycle,
                    Name(edge),
                    $"'{edge.BlockedId}' is '{edge.BlockerId}' itself or blocks it, directly or through others, so this edge would make a "
                    + "cycle. Choose another blocker, or first remove an edge between the two.");
            case null:
                throw Limit(
                    edge,
                    $"More than {MostSearched} tasks block '{edge.BlockerId}', too many to check for a cycle. Choose another blocker, or "
                    + "remove some of its edges.");
        }
    }

    private static Fault Limit(BlockerRow edge, string message) => Fault.Precondition(ErrorReason.BlockerLimit, Name(edge), message);

    private static BlockerRow Edge(UnitOfWork unit, Guid blocked, Guid blocker) =>
        new() { OrganizationId = unit.Caller.OrganizationId, BlockedId = blocked, BlockerId = blocker };

    private static string Name(BlockerRow edge) => $"{edge.BlockedId}/{edge.BlockerId}";
}
