using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// Removes the oldest changes of all organizations, in the order of their commits, inside the writer's transaction. The same transaction
/// raises compacted_revision, so that no reader takes the shortened log for a complete one.
/// </summary>
internal sealed class SqliteLogCompaction
{
    private readonly StoredValues _values;
    private readonly Query _oldest;
    private readonly Query _endOfRevision;
    private readonly Query _tell;
    private readonly Query _remove;

    public SqliteLogCompaction(StoreConnection db, StoredValues values)
    {
        _values = values;
        _oldest = db.Prepare("SELECT sequence, changed_at FROM changes ORDER BY sequence LIMIT @limit", "@limit");
        _endOfRevision =
            db.Prepare("SELECT sequence FROM changes WHERE sequence >= @from AND remaining = 0 ORDER BY sequence LIMIT 1", "@from");
        _tell = db.Prepare(
            """
            UPDATE organizations SET compacted_revision = removed.revision
            FROM (
                SELECT organization_id, max(revision) AS revision FROM changes WHERE sequence <= @last GROUP BY organization_id) AS removed
            WHERE id = removed.organization_id AND compacted_revision < removed.revision
            """,
            "@last");
        _remove = db.Prepare("DELETE FROM changes WHERE sequence <= @last", "@last");
    }

    public int Run(DateTimeOffset before, int limit)
    {
        if (LastOlderThan(before, limit) is not { } last)
        {
            return 0;
        }

        // A revision is removed as a whole: its changes are adjacent, and the last one has remaining = 0.
        var end = _endOfRevision.Scalar(last)!;
        _tell.Execute(end);
        return _remove.Execute(end);
    }

    private long? LastOlderThan(DateTimeOffset before, int limit)
    {
        long? last = null;
        using var rows = _oldest.Read(limit);
        while (rows.Read())
        {
            // A change that a fast clock stamped too late is removed with its older neighbours.
            last = _values.Moment(rows, 1) < before ? rows.GetInt64(0) : last;
        }

        return last;
    }
}
