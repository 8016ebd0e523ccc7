using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>The tables of the resource kinds, with the indexes for their lists and filters.</summary>
internal static class ResourceTables
{
    private const string OpenDeliveries = "IX_deliveries_open";

    /// <summary>The number of MONITOR_TASK_STATUS_PREVIEW, which is never stored.</summary>
    private const int Preview = 4;

    public static void Map(ModelBuilder model)
    {
        foreach (var table in Tables.Resources)
        {
            var resources = model.Entity(table.Row);
            // Serves the default order of lists, and an organization's deep pages.
            resources.HasIndex(nameof(ResourceRow.OrganizationId), nameof(ResourceRow.CreatedAt), nameof(ResourceRow.Id));
            // Its last column lets a count by status read the index alone.
            resources.HasIndex(
                nameof(ResourceRow.OrganizationId),
                nameof(ResourceRow.Status),
                nameof(ResourceRow.CreatedAt),
                nameof(ResourceRow.Id),
                nameof(ResourceRow.Deleted));
            if (table.IsKeyed)
            {
                resources.HasIndex(nameof(ResourceRow.OrganizationId), Table.ExternalKey).IsUnique().HasFilter("external_key IS NOT NULL");
            }
        }

        AgentTasks(model);
        BoardTasks(model);
        model.Entity<MonitorTaskRow>().ToTable(table => table.HasCheckConstraint("CK_monitor_tasks_no_preview", $"status <> {Preview}"));
        Deliveries(model);
        model.Entity<FlowExecutionRow>().HasIndex(row => new { row.OrganizationId, row.WorkflowId, row.CreatedAt, row.Id });
        TaskExecutions(model);
    }

    private static void AgentTasks(ModelBuilder model)
    {
        var tasks = model.Entity<AgentTaskRow>();
        Common(tasks, row => new { row.OrganizationId, row.AssignedAgentRole, row.CreatedAt, row.Id }, row => row.AssignedAgentRole);
        Common(tasks, row => new { row.OrganizationId, row.EntityId, row.CreatedAt, row.Id }, row => row.EntityId);
        Common(tasks, row => new { row.OrganizationId, row.DueAt, row.Id }, row => row.DueAt);
        Ready(tasks, nameof(AgentTaskRow.Priority), nameof(ResourceRow.CreatedAt), nameof(ResourceRow.Id));
        // Few tasks have a workspace of their own. All others share the default one, so a list by it can use the index of all tasks.
        tasks.HasIndex(row => new { row.OrganizationId, row.WorkspaceId, row.CreatedAt, row.Id })
            .HasFilter("workspace_id <> organization_id");
    }

    private static void BoardTasks(ModelBuilder model)
    {
        var tasks = model.Entity<BoardTaskRow>();
        Common(tasks, row => new { row.OrganizationId, row.AssignedToTypeId, row.CreatedAt, row.Id }, row => row.AssignedToTypeId);
        Common(tasks, row => new { row.OrganizationId, row.AssignedToInstanceId, row.CreatedAt, row.Id }, row => row.AssignedToInstanceId);
        Common(tasks, row => new { row.OrganizationId, row.AssignedToUserId, row.CreatedAt, row.Id }, row => row.AssignedToUserId);
        Common(tasks, row => new { row.OrganizationId, row.CorrelationBucketId, row.CreatedAt, row.Id }, row => row.CorrelationBucketId);
        Ready(tasks, nameof(BoardTaskRow.Priority), nameof(ResourceRow.CreatedAt), nameof(ResourceRow.Id));
    }

    private static void Deliveries(ModelBuilder model)
    {
        var deliveries = model.Entity<DeliveryRow>();
        deliveries.HasIndex(row => new { row.OrganizationId, row.TaskId, row.CreatedAt, row.Id });
        // Pausing or deleting a monitor task reaches its open deliveries, however many have ended.
        deliveries.HasIndex(
            [nameof(DeliveryRow.OrganizationId), nameof(DeliveryRow.TaskId), nameof(DeliveryRow.CreatedAt), nameof(DeliveryRow.Id)],
            OpenDeliveries)
            .HasFilter(DeliveryRow.IsOpen);
        Common(deliveries, row => new { row.OrganizationId, row.TargetChannel, row.CreatedAt, row.Id }, row => row.TargetChannel);
    }

    private static void TaskExecutions(ModelBuilder model)
    {
        var executions = model.Entity<TaskExecutionRow>();
        executions.HasIndex(row => new { row.OrganizationId, row.FlowExecutionId, row.TaskName, row.TaskExecutionIndex }).IsUnique();
        executions.HasIndex(row => new { row.OrganizationId, row.FlowExecutionId, row.CreatedAt, row.Id });
        Ready(executions, nameof(ResourceRow.CreatedAt), nameof(ResourceRow.Id));
    }

    /// <summary>Adds the index from which claims choose: it holds ready rows only, in the order of claims.</summary>
    private static void Ready<TRow>(EntityTypeBuilder<TRow> table, params string[] order)
        where TRow : ResourceRow =>
        table.HasIndex([nameof(ResourceRow.OrganizationId), nameof(AgentTaskRow.ReadyFor), .. order])
            .HasFilter("ready_for IS NOT NULL");

    /// <summary>Adds an index for a common filter. It holds only the rows that have a value, so the others cost nothing.</summary>
    private static void Common<TRow>(
        EntityTypeBuilder<TRow> table, Expression<Func<TRow, object?>> columns, Expression<Func<TRow, object?>> value)
        where TRow : ResourceRow
    {
        var name = value.Body is UnaryExpression { Operand: MemberExpression boxed }
            ? boxed.Member.Name : ((MemberExpression)value.Body).Member.Name;
        table.HasIndex(columns).HasFilter($"{Column.NameOf(name)} IS NOT NULL");
    }
}
