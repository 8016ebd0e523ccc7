using System;
using Microsoft.EntityFrameworkCore.Migrations;
using TaskGrpc.Server.Storage.Postgres;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace TaskGrpc.Server.Storage.Schema.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        // Only tables of this migration: tables of later migrations do not exist yet when this one runs.
        private static readonly (string Table, string Column)[] Secured =
        [
            ("organizations", "id"), ("changes", "organization_id"), ("requests", "organization_id"), ("signing_secrets", "organization_id"),
            ("agent_tasks", "organization_id"), ("board_tasks", "organization_id"), ("board_task_subtasks", "organization_id"), ("monitor_tasks", "organization_id"),
            ("deliveries", "organization_id"), ("due_deliveries", "organization_id"), ("flow_executions", "organization_id"), ("task_executions", "organization_id"),
        ];

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "agent_tasks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    task_type = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    source_type = table.Column<int>(type: "integer", nullable: false),
                    source_ref_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    entity_type = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    entity_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    title = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    priority = table.Column<int>(type: "integer", nullable: false),
                    blocked_from = table.Column<int>(type: "integer", nullable: true),
                    assigned_agent_role = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    execution_mode = table.Column<int>(type: "integer", nullable: false),
                    approval_policy = table.Column<int>(type: "integer", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    completed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    workspace_visible = table.Column<bool>(type: "boolean", nullable: false),
                    created_by_user_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    workspace_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    deleted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    metadata = table.Column<string>(type: "jsonb", nullable: true),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    deleted = table.Column<bool>(type: "boolean", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_agent_tasks", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "board_task_subtasks",
                columns: table => new
                {
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    parent_id = table.Column<Guid>(type: "uuid", nullable: false),
                    child_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_board_task_subtasks", x => new { x.organization_id, x.parent_id, x.child_id });
                });

            migrationBuilder.CreateTable(
                name: "board_tasks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    title = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    priority = table.Column<int>(type: "integer", nullable: false),
                    created_by = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    subtask_count = table.Column<int>(type: "integer", nullable: false),
                    assigned_to_type_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    assigned_to_instance_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    assigned_to_user_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    correlation_bucket_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    source = table.Column<int>(type: "integer", nullable: false),
                    deleted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    deleted = table.Column<bool>(type: "boolean", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_board_tasks", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "changes",
                columns: table => new
                {
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    ordinal = table.Column<int>(type: "integer", nullable: false),
                    remaining = table.Column<int>(type: "integer", nullable: false),
                    kind = table.Column<int>(type: "integer", nullable: false),
                    resource_id = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<int>(type: "integer", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_changes", x => new { x.organization_id, x.revision, x.ordinal });
                });

            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    friendly_name = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    xml = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_data_protection_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "deliveries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    task_id = table.Column<Guid>(type: "uuid", nullable: false),
                    trigger_key = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    target_type = table.Column<int>(type: "integer", nullable: false),
                    target_endpoint = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    target_channel = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    target_workflow_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    attempt_count = table.Column<int>(type: "integer", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    delivered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    flow_execution_id = table.Column<Guid>(type: "uuid", nullable: true),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    deleted = table.Column<bool>(type: "boolean", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_deliveries", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "due_deliveries",
                columns: table => new
                {
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    task_id = table.Column<Guid>(type: "uuid", nullable: false),
                    delivery_id = table.Column<Guid>(type: "uuid", nullable: false),
                    endpoint = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    held = table.Column<bool>(type: "boolean", nullable: false),
                    claimed = table.Column<bool>(type: "boolean", nullable: false),
                    cut_short = table.Column<int>(type: "integer", nullable: false),
                    tries = table.Column<int>(type: "integer", nullable: false),
                    reserved_by = table.Column<Guid>(type: "uuid", nullable: true),
                    reserved_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_due_deliveries", x => new { x.organization_id, x.task_id, x.delivery_id });
                });

            migrationBuilder.CreateTable(
                name: "flow_executions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    workflow_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    deleted = table.Column<bool>(type: "boolean", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flow_executions", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "monitor_tasks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    last_triggered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    intent = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    concept_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    concept_version = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    condition_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    condition_version = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    action_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    action_version = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    entity_scope = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    delivery_type = table.Column<int>(type: "integer", nullable: false),
                    delivery_endpoint = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delivery_channel = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    delivery_workflow_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    context_version = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    context_warning = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    guardrails_version = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    deleted = table.Column<bool>(type: "boolean", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_monitor_tasks", x => new { x.organization_id, x.id });
                    table.CheckConstraint("CK_monitor_tasks_no_preview", "status <> 4");
                });

            migrationBuilder.CreateTable(
                name: "organizations",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    compacted_revision = table.Column<long>(type: "bigint", nullable: false),
                    epoch = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_organizations", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "requests",
                columns: table => new
                {
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    caller = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    fingerprint = table.Column<byte[]>(type: "bytea", nullable: false),
                    answer = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_requests", x => new { x.organization_id, x.request_id, x.caller });
                });

            migrationBuilder.CreateTable(
                name: "signing_secrets",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expired_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    @protected = table.Column<byte[]>(name: "protected", type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_signing_secrets", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "task_executions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    organization_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    flow_execution_id = table.Column<Guid>(type: "uuid", nullable: false),
                    task_name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    task_execution_index = table.Column<int>(type: "integer", nullable: false),
                    last_modified_by = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    deleted = table.Column<bool>(type: "boolean", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_task_executions", x => new { x.organization_id, x.id });
                });

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_assigned_agent_role_created_at_~",
                table: "agent_tasks",
                columns: new[] { "organization_id", "assigned_agent_role", "created_at", "id" },
                filter: "assigned_agent_role IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_created_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_due_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "due_at", "id" },
                filter: "due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_entity_id_created_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "entity_id", "created_at", "id" },
                filter: "entity_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_status_created_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_workspace_id_created_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "workspace_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_board_task_subtasks_organization_id_child_id",
                table: "board_task_subtasks",
                columns: new[] { "organization_id", "child_id" });

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_assigned_to_instance_id_created~",
                table: "board_tasks",
                columns: new[] { "organization_id", "assigned_to_instance_id", "created_at", "id" },
                filter: "assigned_to_instance_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_assigned_to_type_id_created_at_~",
                table: "board_tasks",
                columns: new[] { "organization_id", "assigned_to_type_id", "created_at", "id" },
                filter: "assigned_to_type_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_assigned_to_user_id_created_at_~",
                table: "board_tasks",
                columns: new[] { "organization_id", "assigned_to_user_id", "created_at", "id" },
                filter: "assigned_to_user_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_correlation_bucket_id_created_a~",
                table: "board_tasks",
                columns: new[] { "organization_id", "correlation_bucket_id", "created_at", "id" },
                filter: "correlation_bucket_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_created_at_id",
                table: "board_tasks",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_status_created_at_id",
                table: "board_tasks",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_changes_organization_id_resource_id_revision",
                table: "changes",
                columns: new[] { "organization_id", "resource_id", "revision" });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_organization_id_created_at_id",
                table: "deliveries",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_organization_id_status_created_at_id",
                table: "deliveries",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_organization_id_task_id_created_at_id",
                table: "deliveries",
                columns: new[] { "organization_id", "task_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_organization_id_task_id_trigger_key",
                table: "deliveries",
                columns: new[] { "organization_id", "task_id", "trigger_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_due_deliveries_organization_id_endpoint_due_at",
                table: "due_deliveries",
                columns: new[] { "organization_id", "endpoint", "due_at" },
                filter: "NOT held");

            migrationBuilder.CreateIndex(
                name: "IX_flow_executions_organization_id_created_at_id",
                table: "flow_executions",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_flow_executions_organization_id_status_created_at_id",
                table: "flow_executions",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_flow_executions_organization_id_workflow_id_created_at_id",
                table: "flow_executions",
                columns: new[] { "organization_id", "workflow_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_monitor_tasks_organization_id_created_at_id",
                table: "monitor_tasks",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_monitor_tasks_organization_id_status_created_at_id",
                table: "monitor_tasks",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_requests_organization_id_created_at",
                table: "requests",
                columns: new[] { "organization_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "IX_signing_secrets_organization_id_created_at_id",
                table: "signing_secrets",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_created_at_id",
                table: "task_executions",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_flow_execution_id_created_a~",
                table: "task_executions",
                columns: new[] { "organization_id", "flow_execution_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_flow_execution_id_task_name~",
                table: "task_executions",
                columns: new[] { "organization_id", "flow_execution_id", "task_name", "task_execution_index" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_status_created_at_id",
                table: "task_executions",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            // The policies have no effect until Storage:RowLevelSecurity enables them.
            foreach (var (table, column) in Secured)
            {
                migrationBuilder.Sql($"CREATE POLICY own_organization ON {table} USING ({column} = current_setting('taskgrpc.organization', true) OR current_setting('taskgrpc.scope', true) = 'all')");
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "agent_tasks");

            migrationBuilder.DropTable(
                name: "board_task_subtasks");

            migrationBuilder.DropTable(
                name: "board_tasks");

            migrationBuilder.DropTable(
                name: "changes");

            migrationBuilder.DropTable(
                name: "data_protection_keys");

            migrationBuilder.DropTable(
                name: "deliveries");

            migrationBuilder.DropTable(
                name: "due_deliveries");

            migrationBuilder.DropTable(
                name: "flow_executions");

            migrationBuilder.DropTable(
                name: "monitor_tasks");

            migrationBuilder.DropTable(
                name: "organizations");

            migrationBuilder.DropTable(
                name: "requests");

            migrationBuilder.DropTable(
                name: "signing_secrets");

            migrationBuilder.DropTable(
                name: "task_executions");
        }
    }
}
