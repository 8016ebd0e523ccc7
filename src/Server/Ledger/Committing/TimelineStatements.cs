using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Sql;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>Reads a resource's changes inside the writer's transaction.</summary>
internal sealed class TimelineStatements : IStatements<TimelineStatements>
{
    private readonly Query _newest;

    private TimelineStatements(StoreConnection db) => _newest = db.Prepare(
        $"""
        SELECT body FROM changes
        WHERE resource_id = @id AND {db.Dialect.IsOwn}
        ORDER BY revision DESC, ordinal DESC LIMIT @limit
        """,
        "@id", "@organization", "@limit");

    /// <summary>The newest changes of a resource, the newest first; fewer if the log no longer has them.</summary>
    public List<Change> Newest(string organizationId, Guid id, int limit)
    {
        var changes = new List<Change>();
        using var rows = _newest.Read(id, organizationId, limit);
        while (rows.Read())
        {
            changes.Add(Change.Parser.ParseFrom((byte[])rows.GetValue(0)));
        }

        return changes;
    }

    public static TimelineStatements Prepare(StoreConnection db) => new(db);
}
