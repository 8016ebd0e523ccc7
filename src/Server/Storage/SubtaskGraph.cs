namespace TaskGrpc.Server.Storage;

/// <summary>Questions to an organization's graph of subtasks, answered inside the writer's transaction.</summary>
internal sealed class SubtaskGraph : IDisposable
{
    private readonly StoredValues _values;
    private readonly Query _edge;
    private readonly Query _reaches;
    private readonly Query _parents;
    private readonly Query _children;

    public SubtaskGraph(StoreConnection db, StoredValues values)
    {
        _values = values;
        var isOwn = db.Dialect.IsOwn;
        _edge = new Query(db.Connection, $"SELECT 1 FROM board_task_subtasks WHERE parent_id = @parent AND child_id = @child AND {isOwn}", "@organization", "@parent", "@child");
        // Walks up from the parent: a task has few ancestors, while below it there may be a whole board.
        _reaches = new Query(
            db.Connection,
            $"""
            WITH RECURSIVE ancestors (id) AS (
                SELECT @parent
                UNION
                SELECT edge.parent_id FROM board_task_subtasks AS edge JOIN ancestors ON edge.child_id = ancestors.id WHERE {isOwn})
            SELECT 1 FROM ancestors WHERE id = @child LIMIT 1
            """,
            "@organization",
            "@parent",
            "@child");
        _parents = new Query(db.Connection, $"SELECT parent_id FROM board_task_subtasks WHERE child_id = @id AND {isOwn} ORDER BY parent_id", "@organization", "@id");
        _children = new Query(db.Connection, $"SELECT child_id FROM board_task_subtasks WHERE parent_id = @id AND {isOwn} ORDER BY child_id", "@organization", "@id");
    }

    public bool HasEdge(string organizationId, Guid parent, Guid child) => _edge.Scalar(organizationId, _values.Of(parent), _values.Of(child)) is not null;

    /// <summary>Whether an edge from parent to child would make a task its own ancestor.</summary>
    public bool WouldClose(string organizationId, Guid parent, Guid child) => _reaches.Scalar(organizationId, _values.Of(parent), _values.Of(child)) is not null;

    public List<Guid> ParentsOf(string organizationId, Guid child) => _values.Ids(_parents.Read(organizationId, _values.Of(child)));

    public List<Guid> ChildrenOf(string organizationId, Guid parent) => _values.Ids(_children.Read(organizationId, _values.Of(parent)));

    public void Dispose()
    {
        _edge.Dispose();
        _reaches.Dispose();
        _parents.Dispose();
        _children.Dispose();
    }
}
