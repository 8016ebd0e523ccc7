using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>Reads and holds the schedule of delivery attempts inside the writer's transaction.</summary>
internal sealed class DeliveryStatements : IStatements<DeliveryStatements>
{
    private readonly StoredValues _values;
    private readonly Query _triggered;
    private readonly Query _dueAt;
    private readonly Query _ofTask;
    private readonly Query _hold;

    private DeliveryStatements(StoreConnection db)
    {
        _values = db.Values;
        _triggered = db.Prepare($"SELECT id FROM deliveries WHERE task_id = @task AND trigger_key = @key AND {db.Dialect.IsOwn}",
            "@task", "@key", "@organization");
        _dueAt = db.Prepare(
            "SELECT due_at FROM due_deliveries WHERE organization_id = @organization AND task_id = @task AND delivery_id = @delivery",
            "@organization", "@task", "@delivery");
        _ofTask = db.Prepare(
            "SELECT delivery_id FROM due_deliveries WHERE organization_id = @organization AND task_id = @task ORDER BY delivery_id",
            "@organization", "@task");
        _hold = db.Prepare("UPDATE due_deliveries SET held = @held WHERE organization_id = @organization AND task_id = @task", "@held",
            "@organization", "@task");
    }

    /// <summary>The delivery of an earlier trigger with this key; null if the key is new.</summary>
    public Guid? Triggered(string organizationId, Guid task, string triggerKey) =>
        _values.IdOrNull(_triggered.Read(task, triggerKey, organizationId));

    /// <summary>When an open delivery's next attempt is due, or its lease expires; null once it has ended.</summary>
    public DateTimeOffset? DueAt(string organizationId, Guid task, Guid delivery)
    {
        using var reader = _dueAt.Read(organizationId, task, delivery);
        return reader.Read() ? _values.Moment(reader, 0) : null;
    }

    /// <summary>The open deliveries of a monitor task, oldest first.</summary>
    public List<Guid> OfTask(string organizationId, Guid task) => _values.Ids(_ofTask.Read(organizationId, task));

    /// <summary>Holds or releases the open deliveries of a monitor task.</summary>
    public void Hold(string organizationId, Guid task, bool held) => _hold.Execute(held, organizationId, task);

    public static DeliveryStatements Prepare(StoreConnection db) => new(db);
}
