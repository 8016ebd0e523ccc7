using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TaskGrpc.Server.Storage.Schema.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class OtherKinds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "deliveries",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    task_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    trigger_key = table.Column<string>(type: "TEXT", nullable: false),
                    target_type = table.Column<int>(type: "INTEGER", nullable: false),
                    target_endpoint = table.Column<string>(type: "TEXT", nullable: true),
                    target_channel = table.Column<string>(type: "TEXT", nullable: true),
                    target_workflow_id = table.Column<string>(type: "TEXT", nullable: true),
                    attempt_count = table.Column<int>(type: "INTEGER", nullable: false),
                    next_attempt_at = table.Column<long>(type: "INTEGER", nullable: true),
                    delivered_at = table.Column<long>(type: "INTEGER", nullable: true),
                    flow_execution_id = table.Column<byte[]>(type: "BLOB", nullable: true),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    deleted = table.Column<bool>(type: "INTEGER", nullable: false),
                    body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_deliveries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "due_deliveries",
                columns: table => new
                {
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    task_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    delivery_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    endpoint = table.Column<string>(type: "TEXT", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: false),
                    held = table.Column<bool>(type: "INTEGER", nullable: false),
                    claimed = table.Column<bool>(type: "INTEGER", nullable: false),
                    cut_short = table.Column<int>(type: "INTEGER", nullable: false),
                    tries = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_due_deliveries", x => new { x.organization_id, x.task_id, x.delivery_id });
                });

            migrationBuilder.CreateTable(
                name: "flow_executions",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: true),
                    finished_at = table.Column<long>(type: "INTEGER", nullable: true),
                    workflow_id = table.Column<string>(type: "TEXT", nullable: false),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    deleted = table.Column<bool>(type: "INTEGER", nullable: false),
                    body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flow_executions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "monitor_tasks",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    last_triggered_at = table.Column<long>(type: "INTEGER", nullable: true),
                    intent = table.Column<string>(type: "TEXT", nullable: false),
                    concept_id = table.Column<string>(type: "TEXT", nullable: false),
                    concept_version = table.Column<string>(type: "TEXT", nullable: false),
                    condition_id = table.Column<string>(type: "TEXT", nullable: false),
                    condition_version = table.Column<string>(type: "TEXT", nullable: false),
                    action_id = table.Column<string>(type: "TEXT", nullable: false),
                    action_version = table.Column<string>(type: "TEXT", nullable: false),
                    entity_scope = table.Column<string>(type: "TEXT", nullable: false),
                    delivery_type = table.Column<int>(type: "INTEGER", nullable: false),
                    delivery_endpoint = table.Column<string>(type: "TEXT", nullable: true),
                    delivery_channel = table.Column<string>(type: "TEXT", nullable: true),
                    delivery_workflow_id = table.Column<string>(type: "TEXT", nullable: true),
                    context_version = table.Column<string>(type: "TEXT", nullable: true),
                    context_warning = table.Column<string>(type: "TEXT", nullable: true),
                    guardrails_version = table.Column<string>(type: "TEXT", nullable: true),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    deleted = table.Column<bool>(type: "INTEGER", nullable: false),
                    body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_monitor_tasks", x => x.id);
                    table.CheckConstraint("CK_monitor_tasks_no_preview", "status <> 4");
                });

            migrationBuilder.CreateTable(
                name: "signing_secrets",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expired_at = table.Column<long>(type: "INTEGER", nullable: true),
                    @protected = table.Column<byte[]>(name: "protected", type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_signing_secrets", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "task_executions",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    flow_execution_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    task_name = table.Column<string>(type: "TEXT", nullable: false),
                    task_execution_index = table.Column<int>(type: "INTEGER", nullable: false),
                    last_modified_by = table.Column<string>(type: "TEXT", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: true),
                    finished_at = table.Column<long>(type: "INTEGER", nullable: true),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    deleted = table.Column<bool>(type: "INTEGER", nullable: false),
                    body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_task_executions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_organization_id_created_at_id",
                table: "deliveries",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_organization_id_status_created_at_id",
                table: "deliveries",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_organization_id_target_channel_created_at_id",
                table: "deliveries",
                columns: new[] { "organization_id", "target_channel", "created_at", "id" },
                filter: "target_channel IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_organization_id_task_id_created_at_id",
                table: "deliveries",
                columns: new[] { "organization_id", "task_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_task_id_trigger_key",
                table: "deliveries",
                columns: new[] { "task_id", "trigger_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_due_deliveries_organization_id_endpoint_due_at",
                table: "due_deliveries",
                columns: new[] { "organization_id", "endpoint", "due_at" },
                filter: "held = 0");

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
                name: "IX_signing_secrets_organization_id_created_at_id",
                table: "signing_secrets",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_created_at_id",
                table: "task_executions",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_flow_execution_id_created_at_id",
                table: "task_executions",
                columns: new[] { "organization_id", "flow_execution_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_flow_execution_id_task_name_task_execution_index",
                table: "task_executions",
                columns: new[] { "organization_id", "flow_execution_id", "task_name", "task_execution_index" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_status_created_at_id",
                table: "task_executions",
                columns: new[] { "organization_id", "status", "created_at", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "deliveries");

            migrationBuilder.DropTable(
                name: "due_deliveries");

            migrationBuilder.DropTable(
                name: "flow_executions");

            migrationBuilder.DropTable(
                name: "monitor_tasks");

            migrationBuilder.DropTable(
                name: "signing_secrets");

            migrationBuilder.DropTable(
                name: "task_executions");
        }
    }
}
