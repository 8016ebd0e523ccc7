using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Resources.BoardTasks;

/// <summary>
/// Reads one of an organization's two graphs of board tasks inside the writer's transaction. An edge leads from a task to another.
/// </summary>
internal abstract class EdgeStatements
{
    /// <summary>
    /// The most edges that lead to one task, and the most that lead from it. One command changes all tasks at their ends, and the
    /// organization's other commands wait for it.
    /// </summary>
    public const int MostEdges = 1000;

    /// <summary>The most tasks that the check for a cycle reads: the start of the new edge, and those above it.</summary>
    public const int MostSearched = 10_000;

    private readonly StoredValues _values;
    private readonly Query _edge;
    private readonly Query _search;
    private readonly Query _hasSources;
    private readonly Query _hasTargets;
    private readonly Query _sources;
    private readonly Query _targets;

    protected EdgeStatements(StoreConnection db, Table edges, string from, string to)
    {
        _values = db.Values;
        var isOwn = db.Dialect.IsOwn;
        _edge = db.Prepare($"SELECT 1 FROM {edges.Name} WHERE {from} = @from AND {to} = @to AND {isOwn}",
            "@organization", "@from", "@to");
        // Walks against the edges: a task has few ancestors, but a whole board may be below it. Both databases stop the recursion at the
        // LIMIT.
        _search = db.Prepare(
            $"""
            WITH RECURSIVE ancestors (id) AS (
                SELECT @from
                UNION
                SELECT edge.{from} FROM {edges.Name} AS edge JOIN ancestors ON edge.{to} = ancestors.id WHERE {isOwn})
            SELECT count(*), count(CASE WHEN id = @to THEN 1 END) FROM (SELECT id FROM ancestors LIMIT @limit) AS seen
            """,
            "@organization", "@from", "@to", "@limit");
        _hasSources = db.Prepare($"SELECT 1 FROM {edges.Name} WHERE {to} = @id AND {isOwn} LIMIT 1 OFFSET @others",
            "@organization", "@id", "@others");
        _hasTargets = db.Prepare($"SELECT 1 FROM {edges.Name} WHERE {from} = @id AND {isOwn} LIMIT 1 OFFSET @others",
            "@organization", "@id", "@others");
        _sources = db.Prepare(
            $"SELECT {from} FROM {edges.Name} WHERE {to} = @id AND {isOwn} ORDER BY {from} LIMIT @limit",
            "@organization", "@id", "@limit");
        _targets = db.Prepare(
            $"SELECT {to} FROM {edges.Name} WHERE {from} = @id AND {isOwn} ORDER BY {to} LIMIT @limit",
            "@organization", "@id", "@limit");
    }

    public bool HasEdge(string organizationId, Guid from, Guid to) => _edge.Scalar(organizationId, from, to) is not null;

    /// <summary>
    /// Whether an edge would make a task its own ancestor; null if the check would read more than <see cref="MostSearched"/> tasks.
    /// </summary>
    public bool? WouldClose(string organizationId, Guid from, Guid to)
    {
        using var reader = _search.Read(organizationId, from, to, MostSearched + 1);
        reader.Read();
        return reader.GetInt64(1) > 0 ? true : reader.GetInt64(0) > MostSearched ? null : false;
    }

    /// <summary>Whether as many edges lead to a task as may.</summary>
    public bool HasMostSources(string organizationId, Guid to) => _hasSources.Scalar(organizationId, to, MostEdges - 1) is not null;

    /// <summary>Whether as many edges lead from a task as may.</summary>
    public bool HasMostTargets(string organizationId, Guid from) => _hasTargets.Scalar(organizationId, from, MostEdges - 1) is not null;

    /// <summary>Where the edges to a task begin; one more than <see cref="MostEdges"/> if there are too many.</summary>
    public List<Guid> SourcesOf(string organizationId, Guid to) => _values.Ids(_sources.Read(organizationId, to, MostEdges + 1));

    /// <summary>Where the edges from a task end; one more than <see cref="MostEdges"/> if there are too many.</summary>
    public List<Guid> TargetsOf(string organizationId, Guid from) => _values.Ids(_targets.Read(organizationId, from, MostEdges + 1));
}
