using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>Finds due deliveries of all organizations, for the dispatcher. Never answer a caller's request from here.</summary>
internal sealed class DueDeliveryStatements : IStatements<DueDeliveryStatements>
{
    /// <summary>How long other replicas skip a row that this one is about to claim. A crash before the claim costs no more.</summary>
    private static readonly TimeSpan Reservation = TimeSpan.FromSeconds(10);

    private readonly StoredValues _values;
    private readonly bool _reserves;
    private readonly Query _nextPlace;
    private readonly Query _dueAt;
    private readonly Query _due;

    private DueDeliveryStatements(StoreConnection db)
    {
        _values = db.Values;
        _reserves = db.Dialect.ReserveDue is not null;
        // One index step for each pair, however many deliveries it has.
        _nextPlace = db.Prepare(
            $"""
            SELECT organization_id, endpoint FROM due_deliveries
            WHERE {db.Dialect.IsNotHeld} AND (organization_id, endpoint) > (@organization, @endpoint)
            ORDER BY organization_id, endpoint LIMIT 1
            """,
            "@organization", "@endpoint");
        _dueAt = db.Prepare(
            $"SELECT due_at FROM due_deliveries WHERE {db.Dialect.IsNotHeld} AND organization_id = @organization AND endpoint = "
            + "@endpoint ORDER BY due_at LIMIT 1",
            "@organization", "@endpoint");
        const string columns = "task_id, delivery_id, due_at, claimed, cut_short, tries";
        _due = db.Dialect.ReserveDue is { } reserve
            ? db.Prepare($"{reserve} RETURNING {columns}", "@organization", "@endpoint", "@now", "@limit", "@self", "@until")
            : db.Prepare(
                $"""
                SELECT {columns} FROM due_deliveries
                WHERE {db.Dialect.IsNotHeld} AND organization_id = @organization AND endpoint = @endpoint AND due_at <= @now
                ORDER BY due_at LIMIT @limit
                """,
                "@organization", "@endpoint", "@now", "@limit");
    }

    /// <summary>Every pair of an organization and an endpoint with open deliveries, and when its first attempt is due.</summary>
    /// <param name="only">The one organization to look at; null for all.</param>
    public IEnumerable<(string OrganizationId, string Endpoint, DateTimeOffset DueAt)> Places(string? only)
    {
        var (organization, endpoint) = (only ?? "", "");
        while (true)
        {
            using (var next = _nextPlace.Read(organization, endpoint))
            {
                if (!next.Read() || (only is not null && next.GetString(0) != only))
                {
                    yield break;
                }

                (organization, endpoint) = (next.GetString(0), next.GetString(1));
            }

            using var first = _dueAt.Read(organization, endpoint);
            if (first.Read())
            {
                yield return (organization, endpoint, _values.Moment(first, 0));
            }
        }
    }

    /// <summary>What is due at an endpoint for an organization, oldest first. With replicas, it reserves the rows for this one.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="now">The latest due time to return.</param>
    /// <param name="limit">The most rows to return.</param>
    /// <param name="replica">The replica that reserves them.</param>
    public List<DueDelivery> At(string organizationId, string endpoint, DateTimeOffset now, int limit, Guid replica)
    {
        var due = new List<DueDelivery>();
        using var reader = _reserves
            ? _due.Read(organizationId, endpoint, now, limit, replica, now + Reservation)
            : _due.Read(organizationId, endpoint, now, limit);
        while (reader.Read())
        {
            due.Add(new DueDelivery(organizationId, _values.Id(reader, 0), _values.Id(reader, 1), _values.Moment(reader, 2),
                reader.GetBoolean(3), reader.GetInt32(4), reader.GetInt32(5)));
        }

        due.Sort((one, other) => one.DueAt.CompareTo(other.DueAt));
        return due;
    }

    public static DueDeliveryStatements Prepare(StoreConnection db) => new(db);
}
