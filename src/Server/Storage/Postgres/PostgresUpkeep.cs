using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>
/// Removes expired requests and changes, one organization in each transaction, by one replica at a time. The others find the advisory
/// lock taken and try again at their next turn.
/// </summary>
internal sealed class PostgresUpkeep
{
    private const int Compaction = 1;
    private const int Expiry = 2;

    /// <summary>How many organizations one query finds at most.</summary>
    private const int MostOrganizations = 100;

    private readonly Query _tryLock;
    private readonly Query _lockCounter;
    private readonly Query _organizationsWithOldChanges;
    private readonly Query _organizationsWithOldRequests;
    private readonly Query _last;
    private readonly Query _tell;
    private readonly Query _remove;
    private readonly Query _expireRequests;
    private readonly Queue<string> _toCompact = [];
    private readonly Queue<string> _toExpire = [];

    public PostgresUpkeep(StoreConnection db)
    {
        // The second number tells expiry from compaction. The first is this program's own, so that it does not collide with other users
        // of the database.
        _tryLock = db.Prepare("SELECT pg_try_advisory_xact_lock(7310061, @work)", "@work");
        _lockCounter = db.Prepare("SELECT revision FROM organizations WHERE id = @organization FOR UPDATE", "@organization");
        // One index look-up for each organization. It reads a few changes, because a clock that ran ahead may have stamped the first one.
        _organizationsWithOldChanges = db.Prepare(
            """
            SELECT id FROM organizations CROSS JOIN LATERAL (
                SELECT min(changed_at) AS changed_at FROM (
                    SELECT changed_at FROM changes WHERE organization_id = organizations.id
                    ORDER BY revision, ordinal LIMIT 8) AS first) AS oldest
            WHERE oldest.changed_at < @before LIMIT @limit
            """,
            "@before", "@limit");
        _organizationsWithOldRequests = db.Prepare(
            """
            SELECT id FROM organizations CROSS JOIN LATERAL (
                SELECT 1 FROM requests WHERE organization_id = organizations.id AND created_at < @before LIMIT 1) AS old
            LIMIT @limit
            """,
            "@before", "@limit");
        _last = db.Prepare(
            """
            SELECT coalesce(max(revision), 0) FROM (
                SELECT revision, changed_at FROM changes WHERE organization_id = @organization
                ORDER BY revision, ordinal LIMIT @limit) AS oldest
            WHERE changed_at < @before
            """,
            "@organization", "@limit", "@before");
        _tell = db.Prepare("UPDATE organizations SET compacted_revision = @last WHERE id = @organization AND compacted_revision < @last",
            "@organization", "@last");
        _remove = db.Prepare("DELETE FROM changes WHERE organization_id = @organization AND revision <= @last", "@organization", "@last");
        _expireRequests = db.Prepare(
            """
            DELETE FROM requests WHERE (organization_id, request_id, caller) IN (
                SELECT organization_id, request_id, caller FROM requests
                WHERE organization_id = @organization AND created_at < @before ORDER BY created_at LIMIT @limit)
            """,
            "@organization", "@before", "@limit");
    }

    public int ExpireRequests(DateTimeOffset before, int limit) =>
        Work(Expiry, _toExpire, _organizationsWithOldRequests, before, limit, organization =>
        {
            // No commit may read a request while it is removed.
            _lockCounter.Scalar(organization);
            return _expireRequests.Execute(organization, before, limit);
        });

    public int Compact(DateTimeOffset before, int limit) =>
        Work(Compaction, _toCompact, _organizationsWithOldChanges, before, limit, organization =>
        {
            // The same transaction raises compacted_revision, so that no reader takes the shortened log for a complete one.
            var last = (long)_last.Scalar(organization, limit, before)!;
            _tell.Execute(organization, last);
            return _remove.Execute(organization, last);
        });

    /// <summary>Removes expired rows of the next organization that has any, so that a transaction locks only one.</summary>
    private int Work(int work, Queue<string> waiting, Query find, DateTimeOffset before, int limit, Func<string, int> remove)
    {
        if (!(bool)_tryLock.Scalar(work)!)
        {
            return 0;
        }

        // Another connection or replica may have cleaned up the organizations that were found earlier.
        var removed = RemoveOfNext(waiting, limit, remove);
        if (removed == 0)
        {
            find.Read(before, MostOrganizations).All(row => row.GetString(0)).ForEach(waiting.Enqueue);
            removed = RemoveOfNext(waiting, limit, remove);
        }

        return removed;
    }

    private static int RemoveOfNext(Queue<string> waiting, int limit, Func<string, int> remove)
    {
        var removed = 0;
        while (removed == 0 && waiting.TryPeek(out var organization))
        {
            removed = remove(organization);
            if (removed < limit)
            {
                waiting.Dequeue();
            }
        }

        return removed;
    }
}
