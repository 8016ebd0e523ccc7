using System.Data.Common;

namespace TaskGrpc.Server.Storage;

/// <summary>Questions to the graph of subtasks, answered inside the writer's transaction.</summary>
internal sealed class SubtaskGraph : IDisposable
{
    private readonly StoredValues _values;
    private readonly Query _edge;
    private readonly Query _reaches;
    private readonly Query _parents;
    private readonly Query _children;

    public SubtaskGraph(DbConnection connection, StoredValues values)
    {
        _values = values;
        _edge = new Query(connection, "SELECT 1 FROM board_task_subtasks WHERE parent_id = @parent AND child_id = @child", "@parent", "@child");
        // Walks up from the parent: a task has few ancestors, while below it there may be a whole board.
        _reaches = new Query(
            connection,
            """
            WITH RECURSIVE ancestors (id) AS (
                SELECT @parent
                UNION
                SELECT edge.parent_id FROM board_task_subtasks AS edge JOIN ancestors ON edge.child_id = ancestors.id)
            SELECT 1 FROM ancestors WHERE id = @child LIMIT 1
            """,
            "@parent",
            "@child");
        _parents = new Query(connection, "SELECT parent_id FROM board_task_subtasks WHERE child_id = @id ORDER BY parent_id", "@id");
        _children = new Query(connection, "SELECT child_id FROM board_task_subtasks WHERE parent_id = @id ORDER BY child_id", "@id");
    }

    public bool HasEdge(Guid parent, Guid child) => _edge.Scalar(_values.Of(parent), _values.Of(child)) is not null;

    /// <summary>Whether an edge from parent to child would make a task its own ancestor.</summary>
    public bool WouldClose(Guid parent, Guid child) => _reaches.Scalar(_values.Of(parent), _values.Of(child)) is not null;

    public List<Guid> ParentsOf(Guid child) => _values.Ids(_parents.Read(_values.Of(child)));

    public List<Guid> ChildrenOf(Guid parent) => _values.Ids(_children.Read(_values.Of(parent)));

    public void Dispose()
    {
        _edge.Dispose();
        _reaches.Dispose();
        _parents.Dispose();
        _children.Dispose();
    }
}
