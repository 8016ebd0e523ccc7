using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>Finds due rows of all organizations, for the server itself. Never answer a caller's request from here.</summary>
internal sealed class ScheduleStatements : IStatements<ScheduleStatements>
{
    /// <summary>How long other replicas skip a row that this one is about to fire. A crash before it fires costs no more.</summary>
    private static readonly TimeSpan Reservation = TimeSpan.FromSeconds(10);

    private const string AtPlace =
        $"{ScheduleRow.IsNotHeld} AND purpose = @purpose AND organization_id = @organization AND group_name = @group";

    // What was due when it was looked at, and is in no other replica's hands.
    private const string Reserve =
        $"""
        WITH picked AS MATERIALIZED (
            SELECT organization_id AS own, resource_id AS resource, purpose AS work FROM schedule
            WHERE {AtPlace} AND due_at <= @now
            AND (reserved_by IS NULL OR reserved_by = @self OR reserved_until <= @now)
            ORDER BY due_at LIMIT @limit FOR UPDATE SKIP LOCKED)
        UPDATE schedule SET reserved_by = @self, reserved_until = @until
        FROM picked WHERE organization_id = own AND resource_id = resource AND purpose = work
        RETURNING resource_id, due_at
        """;

    private readonly StoredValues _values;
    private readonly bool _reserves;
    private readonly Query _nextPlace;
    private readonly Query _dueAt;
    private readonly Query _due;

    private ScheduleStatements(StoreConnection db)
    {
        _values = db.Values;
        _reserves = db.FormOf(Tables.Schedule).Columns.Any(column => column.Property == nameof(ScheduleRow.ReservedBy));
        // One index step for each place, however many rows it has.
        _nextPlace = db.Prepare(
            $"""
            SELECT organization_id, group_name FROM schedule
            WHERE {ScheduleRow.IsNotHeld} AND purpose = @purpose AND (organization_id, group_name) > (@organization, @group)
            ORDER BY organization_id, group_name LIMIT 1
            """,
            "@purpose", "@organization", "@group");
        string[] place = ["@purpose", "@organization", "@group"];
        _dueAt = db.Prepare($"SELECT due_at FROM schedule WHERE {AtPlace} ORDER BY due_at LIMIT 1", place);
        var due = $"SELECT resource_id, due_at FROM schedule WHERE {AtPlace} AND due_at <= @now ORDER BY due_at LIMIT @limit";
        _due = _reserves
            ? db.Prepare(Reserve, [.. place, "@now", "@limit", "@self", "@until"])
            : db.Prepare(due, [.. place, "@now", "@limit"]);
    }

    /// <summary>Every place of a purpose that has rows, and when its first one is due.</summary>
    /// <param name="purpose">The purpose.</param>
    /// <param name="only">The one organization to look at; null for all.</param>
    public IEnumerable<DuePlace> Places(SchedulePurpose purpose, string? only)
    {
        var (organization, group) = (only ?? "", "");
        while (true)
        {
            using (var next = _nextPlace.Read((int)purpose, organization, group))
            {
                if (!next.Read() || (only is not null && next.GetString(0) != only))
                {
                    yield break;
                }

                (organization, group) = (next.GetString(0), next.GetString(1));
            }

            using var first = _dueAt.Read((int)purpose, organization, group);
            if (first.Read())
            {
                yield return new DuePlace(organization, group, _values.Moment(first, 0));
            }
        }
    }

    /// <summary>What is due at a place, oldest first. With replicas, it reserves the rows for this one.</summary>
    /// <param name="purpose">The purpose.</param>
    /// <param name="organizationId">The organization.</param>
    /// <param name="group">The group.</param>
    /// <param name="now">The latest due time to return.</param>
    /// <param name="limit">The most rows to return.</param>
    /// <param name="replica">The replica that reserves them.</param>
    public List<DueResource> At(SchedulePurpose purpose, string organizationId, string group, DateTimeOffset now, int limit, Guid replica)
    {
        var reader = _reserves
            ? _due.Read((int)purpose, organizationId, group, now, limit, replica, now + Reservation)
            : _due.Read((int)purpose, organizationId, group, now, limit);
        var due = reader.All(row => new DueResource(organizationId, _values.Id(row, 0), _values.Moment(row, 1)));
        due.Sort((one, other) => one.DueAt.CompareTo(other.DueAt));
        return due;
    }

    public static ScheduleStatements Prepare(StoreConnection db) => new(db);
}
