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
    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, BLOCKER_EXISTS, BLOCKER_LIMIT, BLOCKER_CYCLE.</exception>
    public BoardTask Add(UnitOfWork unit, AddBlockerRequest request)
    {
        // Both tasks must exist before the etag counts.
        unit.Require(kind, request.BlockedId);
        var blocker = unit.Require(kind, request.BlockerId);
        unit.Require(kind, request.BlockedId, request.Etag);
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

    /// <summary>Removes all edges of a task that is deleted, and returns the tasks that have one open blocker less now.</summary>
    public List<Guid> Remove(UnitOfWork unit, BoardTask deleted)
    {
        var (organizationId, id) = (unit.Caller.OrganizationId, Guid.Parse(deleted.Id));
        var graph = unit.Query<BlockerStatements>();
        var blocked = graph.TargetsOf(organizationId, id);
        var edges = blocked.Select(other => Edge(unit, other, id))
            .Concat(graph.SourcesOf(organizationId, id).Select(other => Edge(unit, id, other)));
        foreach (var edge in edges)
        {
            unit.Effects.Add(writer => writer.Delete(edge));
        }

        return IsOpen(deleted) ? blocked : [];
    }

    /// <summary>Counts a task that has moved for those that it blocks.</summary>
    public void Moved(UnitOfWork unit, BoardTask task, bool wasOpen)
    {
        if (IsOpen(task) == wasOpen)
        {
            return;
        }

        var blocked = unit.Query<BlockerStatements>().TargetsOf(unit.Caller.OrganizationId, Guid.Parse(task.Id));
        unit.Foresee(kind, blocked);
        foreach (var id in blocked)
        {
            unit.Change(kind, id.ToString(), etag: "", reason: null, (_, other, _) => other.OpenBlockers += wasOpen ? -1 : 1);
        }
    }

    /// <summary>Whether a task that is not deleted holds back those that it blocks.</summary>
    public static bool IsOpen(BoardTask blocker) => blocker.Status != BoardTaskStatus.Done;

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
        if (graph.HasMostSources(unit.Caller.OrganizationId, edge.BlockedId))
        {
            throw Limit(
                edge, $"'{edge.BlockedId}' has {EdgeStatements.MostEdges} blockers, the most that a task can have. Remove one first.");
        }

        if (graph.HasMostTargets(unit.Caller.OrganizationId, edge.BlockerId))
        {
            throw Limit(
                edge,
                $"'{edge.BlockerId}' blocks {EdgeStatements.MostEdges} tasks, the most that a task can block. Remove it from one first.");
        }
    }

    private static void RequireNoCycle(UnitOfWork unit, BlockerRow edge)
    {
        switch (unit.Query<BlockerStatements>().WouldClose(unit.Caller.OrganizationId, edge.BlockerId, edge.BlockedId))
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
                    $"'{edge.BlockerId}' and the tasks that block it, directly or through others, are more than "
                    + $"{EdgeStatements.MostSearched}, too many to check for a cycle. Choose another blocker, or remove some of its "
                    + "edges.");
        }
    }

    private static Fault Limit(BlockerRow edge, string message) => Fault.Precondition(ErrorReason.BlockerLimit, Name(edge), message);

    private static BlockerRow Edge(UnitOfWork unit, Guid blocked, Guid blocker) =>
        new() { OrganizationId = unit.Caller.OrganizationId, BlockedId = blocked, BlockerId = blocker };

    private static string Name(BlockerRow edge) => $"{edge.BlockedId}/{edge.BlockerId}";
}
