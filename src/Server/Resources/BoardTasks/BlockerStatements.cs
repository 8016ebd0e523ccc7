using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>The graph of blockers: an edge leads from a blocker to the task that it blocks.</summary>
internal sealed class BlockerStatements(StoreConnection db)
    : EdgeStatements(db, Tables.Blockers, "blocker_id", "blocked_id"), IStatements<BlockerStatements>
{
    /// <summary>Narrows a list of tasks to those that block one.</summary>
    public static void NarrowToBlockers(SqlText text, Guid blocked) =>
        text.Add("id IN (SELECT blocker_id").AddFoundRows(Tables.Blockers.Name).Add(" AND blocked_id = ").AddValue(blocked).Add(")");

    /// <summary>Narrows a list of tasks to those that one blocks.</summary>
    public static void NarrowToBlocked(SqlText text, Guid blocker) =>
        text.Add("id IN (SELECT blocked_id").AddFoundRows(Tables.Blockers.Name).Add(" AND blocker_id = ").AddValue(blocker).Add(")");

    public static BlockerStatements Prepare(StoreConnection db) => new(db);
}
