using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>
/// Every table, declared once: EF's model, the statements of the commit path, copies and row-level security follow from it.
/// </summary>
internal static class Tables
{
    /// <summary>The last of Migrations/Sqlite, which a start looks for instead of asking EF.</summary>
    public const string NewestInSqlite = "20261129024151_Work_StopAll";

    /// <summary>The last of Migrations/Postgres.</summary>
    public const string NewestInPostgres = "20261129024154_Work_StopAll";

    public static Table AgentTasks { get; } = Resource(typeof(AgentTaskRow), "agent_tasks", json: nameof(AgentTaskRow.Metadata));

    public static Table BoardTasks { get; } = Resource(typeof(BoardTaskRow), "board_tasks");

    public static Table MonitorTasks { get; } = Resource(typeof(MonitorTaskRow), "monitor_tasks");

    public static Table Deliveries { get; } = Resource(typeof(DeliveryRow), "deliveries");

    public static Table FlowExecutions { get; } = Resource(typeof(FlowExecutionRow), "flow_executions");

    public static Table TaskExecutions { get; } = Resource(typeof(TaskExecutionRow), "task_executions");

    public static Table Organizations { get; } = new(typeof(OrganizationRow), "organizations", nameof(OrganizationRow.Id))
    {
        Organization = nameof(OrganizationRow.Id),
    };

    public static Table Subtasks { get; } =
        new(typeof(SubtaskRow), "board_task_subtasks", nameof(SubtaskRow.ParentId), nameof(SubtaskRow.ChildId));

    public static Table Blockers { get; } =
        new(typeof(BlockerRow), "board_task_blockers", nameof(BlockerRow.BlockedId), nameof(BlockerRow.BlockerId));

    public static Table Changes { get; } = new(typeof(ChangeRow), "changes", nameof(ChangeRow.Revision), nameof(ChangeRow.Ordinal))
    {
        Sequence = nameof(ChangeRow.Sequence),
    };

    public static Table Requests { get; } = new(typeof(RequestRow), "requests", nameof(RequestRow.RequestId), nameof(RequestRow.Caller))
    {
        Sequence = nameof(RequestRow.Sequence),
    };

    public static Table SigningSecrets { get; } = new(typeof(SigningSecretRow), "signing_secrets", nameof(SigningSecretRow.Id));

    public static Table Schedule { get; } =
        new(typeof(ScheduleRow), "schedule", nameof(ScheduleRow.ResourceId), nameof(ScheduleRow.Purpose))
        {
            ForReplicas = [nameof(ScheduleRow.ReservedBy), nameof(ScheduleRow.ReservedUntil)],
        };

    /// <summary>With the organization in its key on SQLite too: the table is small, and lists of leases read along the key.</summary>
    public static Table Leases { get; } =
        new(typeof(LeaseRow), "leases", nameof(LeaseRow.OrganizationId), nameof(LeaseRow.ResourceId));

    public static Table DeliveryTries { get; } = new(typeof(DeliveryTriesRow), "delivery_tries", nameof(DeliveryTriesRow.DeliveryId));

    public static Table Cascades { get; } = new(typeof(CascadeRow), "cascades", nameof(CascadeRow.ResourceId));

    /// <summary>All tables. A copy fills them in this order.</summary>
    public static IReadOnlyList<Table> All { get; } =
    [
        Organizations, Changes, Requests,
        AgentTasks, BoardTasks, Subtasks, Blockers, MonitorTasks, Deliveries, FlowExecutions, TaskExecutions,
        SigningSecrets, Schedule, Leases, DeliveryTries, Cascades,
    ];

    /// <summary>The tables of resources.</summary>
    public static IEnumerable<Table> Resources => All.Where(table => table.IsResource);

    private static readonly Dictionary<Type, Table> ByRow = All.ToDictionary(table => table.Row);

    /// <summary>The table in which a row belongs.</summary>
    public static Table Of(object row) => row is StoredRow stored ? stored.Table : ByRow[row.GetType()];

    private static Table Resource(Type row, string name, string? json = null) => new(row, name, nameof(ResourceRow.Id))
    {
        SetOnce = [nameof(ResourceRow.OrganizationId), nameof(ResourceRow.CreatedAt)],
        Json = json,
    };
}
