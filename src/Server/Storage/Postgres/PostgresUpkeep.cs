namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>
/// Removes what is past its time, organization by organization, by one replica at a time: the others find the advisory lock taken and
/// leave it for their next turn.
/// </summary>
internal sealed class PostgresUpkeep : IDisposable
{
    // The second number tells the two works apart; the first is this server's own, so that other users of the database are not met.
    private const string TryLock = "SELECT pg_try_advisory_xact_lock(7310061, @work)";
    private const int Compaction = 1;
    private const int Expiry = 2;

    /// <summary>How many organizations are looked for at once.</summary>
    private const int MostOrganizations = 100;

    private readonly StoredValues _values;
    private readonly Query _tryLock;
    private readonly Query _organizations;
    private readonly Query _last;
    private readonly Query _tell;
    private readonly Query _remove;
    private readonly Query _expireRequests;

    public PostgresUpkeep(PostgresTaskDb db, StoredValues values)
    {
        _values = values;
        _tryLock = new Query(db, TryLock, "@work");
        // One step along the index for each organization. A few changes are looked at, since one may be stamped by a clock ahead of its time.
        _organizations = new Query(
            db,
            """
            SELECT id FROM organizations CROSS JOIN LATERAL (
                SELECT min(changed_at) AS changed_at FROM (
                    SELECT changed_at FROM changes WHERE organization_id = organizations.id ORDER BY revision, ordinal LIMIT 8) AS first) AS oldest
            WHERE oldest.changed_at < @before LIMIT @limit
            """,
            "@before",
            "@limit");
        _last = new Query(
            db,
            """
            SELECT coalesce(max(revision), 0) FROM (
                SELECT revision, changed_at FROM changes WHERE organization_id = @organization ORDER BY revision, ordinal LIMIT @limit) AS oldest
            WHERE changed_at < @before
            """,
            "@organization",
            "@limit",
            "@before");
        _tell = new Query(db, "UPDATE organizations SET compacted_revision = @last WHERE id = @organization AND compacted_revision < @last", "@organization", "@last");
        _remove = new Query(db, "DELETE FROM changes WHERE organization_id = @organization AND revision <= @last", "@organization", "@last");
        // The counter row is locked, so that no commit relies on a request that goes meanwhile; one that is taken is left for the next turn.
        _expireRequests = new Query(
            db,
            """
            WITH expired AS (
                SELECT request.organization_id, request.request_id, request.caller FROM organizations CROSS JOIN LATERAL (
                    SELECT organization_id, request_id, caller FROM requests
                    WHERE organization_id = organizations.id AND created_at < @before ORDER BY created_at LIMIT @limit) AS request
                LIMIT @limit FOR UPDATE OF organizations SKIP LOCKED)
            DELETE FROM requests USING expired
            WHERE requests.organization_id = expired.organization_id AND requests.request_id = expired.request_id AND requests.caller = expired.caller
            """,
            "@before",
            "@limit");
    }

    public int ExpireRequests(DateTimeOffset before, int limit) =>
        HasLock(Expiry) ? _expireRequests.Execute(_values.Of(before), limit) : 0;

    public int Compact(DateTimeOffset before, int limit)
    {
        var removed = 0;
        foreach (var organization in HasLock(Compaction) ? Organizations(before) : [])
        {
            if (removed >= limit)
            {
                break;
            }

            // What is removed is told in the same transaction, so that no reader takes a gap for the whole.
            var last = (long)_last.Scalar(organization, limit, _values.Of(before))!;
            _tell.Execute(organization, last);
            removed += _remove.Execute(organization, last);
        }

        return removed;
    }

    public void Dispose()
    {
        _tryLock.Dispose();
        _organizations.Dispose();
        _last.Dispose();
        _tell.Dispose();
        _remove.Dispose();
        _expireRequests.Dispose();
    }

    private bool HasLock(int work) => (bool)_tryLock.Scalar(work)!;

    private List<string> Organizations(DateTimeOffset before)
    {
        var organizations = new List<string>();
        using var reader = _organizations.Read(_values.Of(before), MostOrganizations);
        while (reader.Read())
        {
            organizations.Add(reader.GetString(0));
        }

        return organizations;
    }
}
