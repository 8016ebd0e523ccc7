using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>Reads an organization's graph of subtasks inside the writer's transaction.</summary>
internal sealed class SubtaskStatements : IStatements<SubtaskStatements>
{
    private readonly StoredValues _values;
    private readonly Query _edge;
    private readonly Query _search;
    private readonly Query _hasParents;
    private readonly Query _parents;
    private readonly Query _children;

    private SubtaskStatements(StoreConnection db)
    {
        _values = db.Values;
        var isOwn = db.Dialect.IsOwn;
        _edge = db.Prepare($"SELECT 1 FROM board_task_subtasks WHERE parent_id = @parent AND child_id = @child AND {isOwn}",
            "@organization", "@parent", "@child");
        // Walks up from the parent: a task has few ancestors, but a whole board may be below it. Both databases stop the recursion at
        // the LIMIT.
        _search = db.Prepare(
            $"""
            WITH RECURSIVE ancestors (id) AS (
                SELECT @parent
                UNION
                SELECT edge.parent_id FROM board_task_subtasks AS edge JOIN ancestors ON edge.child_id = ancestors.id WHERE {isOwn})
            SELECT count(*), count(CASE WHEN id = @child THEN 1 END) FROM (SELECT id FROM ancestors LIMIT @limit) AS seen
            """,
            "@organization", "@parent", "@child", "@limit");
        _hasParents = db.Prepare($"SELECT 1 FROM board_task_subtasks WHERE child_id = @id AND {isOwn} LIMIT 1 OFFSET @others",
            "@organization", "@id", "@others");
        _parents = db.Prepare(
            $"SELECT parent_id FROM board_task_subtasks WHERE child_id = @id AND {isOwn} ORDER BY parent_id LIMIT @limit",
            "@organization", "@id", "@limit");
        _children = db.Prepare(
            $"SELECT child_id FROM board_task_subtasks WHERE parent_id = @id AND {isOwn} ORDER BY child_id LIMIT @limit", "@organization",
            "@id", "@limit");
    }

    public bool HasEdge(string organizationId, Guid parent, Guid child) => _edge.Scalar(organizationId, parent, child) is not null;

    /// <summary>
    /// Whether an edge from parent to child would make a task its own ancestor; null if the check would read more than
    /// <paramref name="limit"/> tasks.
    /// </summary>
    public bool? WouldClose(string organizationId, Guid parent, Guid child, int limit)
    {
        using var reader = _search.Read(organizationId, parent, child, limit + 1);
        reader.Read();
        return reader.GetInt64(1) > 0 ? true : reader.GetInt64(0) > limit ? null : false;
    }

    /// <summary>Whether a task has <paramref name="count"/> parents or more.</summary>
    public bool HasParents(string organizationId, Guid child, int count) =>
        _hasParents.Scalar(organizationId, child, count - 1) is not null;

    public List<Guid> ParentsOf(string organizationId, Guid child, int limit) =>
        _values.Ids(_parents.Read(organizationId, child, limit));

    public List<Guid> ChildrenOf(string organizationId, Guid parent, int limit) =>
        _values.Ids(_children.Read(organizationId, parent, limit));

    /// <summary>Narrows a list of tasks to the direct subtasks of one.</summary>
    public static void NarrowToSubtasks(SqlText text, Guid parent) =>
        text.Add("id IN (SELECT child_id").AddFoundRows(Tables.Subtasks.Name).Add(" AND parent_id = ").AddValue(parent).Add(")");

    /// <summary>Narrows a list of tasks to the direct parents of one.</summary>
    public static void NarrowToParents(SqlText text, Guid child) =>
        text.Add("id IN (SELECT parent_id").AddFoundRows(Tables.Subtasks.Name).Add(" AND child_id = ").AddValue(child).Add(")");

    public static SubtaskStatements Prepare(StoreConnection db) => new(db);
}
