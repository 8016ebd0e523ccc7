using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>Reads and holds deliveries and their schedule inside the writer's transaction.</summary>
internal sealed class DeliveryStatements : IStatements<DeliveryStatements>
{
    private readonly StoredValues _values;
    private readonly Query _triggered;
    private readonly Query _tries;
    private readonly Query _waiting;
    private readonly Query _hold;
    private readonly Query _releaseRunning;

    private DeliveryStatements(StoreConnection db)
    {
        _values = db.Values;
        _triggered = db.Prepare($"SELECT id FROM deliveries WHERE task_id = @task AND trigger_key = @key AND {db.Dialect.IsOwn}",
            "@task", "@key", "@organization");
        _tries = db.Prepare(
            $"""
            SELECT due_at, coalesce(tries, 0), coalesce(cut_short, 0) FROM schedule
            LEFT JOIN delivery_tries ON delivery_tries.organization_id = @organization AND delivery_id = resource_id
            WHERE schedule.organization_id = @organization AND resource_id = @delivery AND purpose = {(int)SchedulePurpose.Delivery}
            """,
            "@organization", "@delivery");
        _waiting = db.Prepare(
            $"""
            SELECT created_at, id FROM deliveries
            WHERE organization_id = @organization AND task_id = @task AND (created_at, id) > (@createdAt, @id)
            AND {DeliveryRow.IsOpen} AND status <> {(int)DeliveryStatus.Delivering}
            ORDER BY created_at, id LIMIT @limit
            """,
            "@organization", "@task", "@createdAt", "@id", "@limit");
        const string open =
            $"SELECT id FROM deliveries WHERE organization_id = @organization AND task_id = @task AND {DeliveryRow.IsOpen}";
        var rows = $"organization_id = @organization AND purpose = {(int)SchedulePurpose.Delivery} AND resource_id";
        _hold = db.Prepare($"UPDATE schedule SET held = @held WHERE {rows} IN ({open})", "@held", "@organization", "@task");
        _releaseRunning =
            db.Prepare($"UPDATE schedule SET held = FALSE WHERE {rows} IN ({open} AND status = {(int)DeliveryStatus.Delivering})",
            "@organization", "@task");
    }

    /// <summary>The delivery of an earlier trigger with this key; null if the key is new.</summary>
    public Guid? Triggered(string organizationId, Guid task, string triggerKey) =>
        _values.IdOrNull(_triggered.Read(task, triggerKey, organizationId));

    /// <summary>What a delivery's attempts have come to; null if another time is in the schedule, or none.</summary>
    public DeliveryTries? TriesIfDue(DueResource due)
    {
        using var reader = _tries.Read(due.OrganizationId, due.Id);
        return reader.Read() && _values.Moment(reader, 0) == due.DueAt ? new DeliveryTries(reader.GetInt32(1), reader.GetInt32(2)) : null;
    }

    /// <summary>The PENDING and RETRYING deliveries of a monitor task after one.</summary>
    public List<Covered> Waiting(string organizationId, Guid task, Covered after, int limit) =>
        Covered.Read(_waiting.Read(organizationId, task, after.CreatedAt, after.Id, limit), _values);

    /// <summary>Holds or releases the open deliveries of a monitor task.</summary>
    public void Hold(string organizationId, Guid task, bool held) => _hold.Execute(held, organizationId, task);

    /// <summary>Releases the DELIVERING deliveries of a monitor task.</summary>
    public void ReleaseRunning(string organizationId, Guid task) => _releaseRunning.Execute(organizationId, task);

    public static DeliveryStatements Prepare(StoreConnection db) => new(db);
}
