using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>The graph of subtasks: an edge leads from a parent to its subtask.</summary>
internal sealed class SubtaskStatements(StoreConnection db)
    : EdgeStatements(db, Tables.Subtasks, "parent_id", "child_id"), IStatements<SubtaskStatements>
{
    /// <summary>Narrows a list of tasks to the direct subtasks of one.</summary>
    public static void NarrowToSubtasks(SqlText text, Guid parent) =>
        text.Add("id IN (SELECT child_id").AddFoundRows(Tables.Subtasks.Name).Add(" AND parent_id = ").AddValue(parent).Add(")");

    /// <summary>Narrows a list of tasks to the direct parents of one.</summary>
    public static void NarrowToParents(SqlText text, Guid child) =>
        text.Add("id IN (SELECT parent_id").AddFoundRows(Tables.Subtasks.Name).Add(" AND child_id = ").AddValue(child).Add(")");

    public static SubtaskStatements Prepare(StoreConnection db) => new(db);
}
