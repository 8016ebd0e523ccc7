using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TaskGrpc.Server.Storage.Schema.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ExternalKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_task_executions_organization_id_status_created_at_id",
                table: "task_executions");

            migrationBuilder.DropIndex(
                name: "IX_monitor_tasks_organization_id_status_created_at_id",
                table: "monitor_tasks");

            migrationBuilder.DropIndex(
                name: "IX_flow_executions_organization_id_status_created_at_id",
                table: "flow_executions");

            migrationBuilder.DropIndex(
                name: "IX_deliveries_organization_id_status_created_at_id",
                table: "deliveries");

            migrationBuilder.DropIndex(
                name: "IX_board_tasks_organization_id_status_created_at_id",
                table: "board_tasks");

            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_status_created_at_id",
                table: "agent_tasks");

            migrationBuilder.AddColumn<string>(
                name: "external_key",
                table: "monitor_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "external_key",
                table: "flow_executions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "external_key",
                table: "board_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "external_key",
                table: "agent_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_status_created_at_id_deleted",
                table: "task_executions",
                columns: new[] { "organization_id", "status", "created_at", "id", "deleted" });

            migrationBuilder.CreateIndex(
                name: "IX_monitor_tasks_organization_id_external_key",
                table: "monitor_tasks",
                columns: new[] { "organization_id", "external_key" },
                unique: true,
                filter: "external_key IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_monitor_tasks_organization_id_status_created_at_id_deleted",
                table: "monitor_tasks",
                columns: new[] { "organization_id", "status", "created_at", "id", "deleted" });

            migrationBuilder.CreateIndex(
                name: "IX_flow_executions_organization_id_external_key",
                table: "flow_executions",
                columns: new[] { "organization_id", "external_key" },
                unique: true,
                filter: "external_key IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_flow_executions_organization_id_status_created_at_id_deleted",
                table: "flow_executions",
                columns: new[] { "organization_id", "status", "created_at", "id", "deleted" });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_organization_id_status_created_at_id_deleted",
                table: "deliveries",
                columns: new[] { "organization_id", "status", "created_at", "id", "deleted" });

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_external_key",
                table: "board_tasks",
                columns: new[] { "organization_id", "external_key" },
                unique: true,
                filter: "external_key IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_status_created_at_id_deleted",
                table: "board_tasks",
                columns: new[] { "organization_id", "status", "created_at", "id", "deleted" });

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_external_key",
                table: "agent_tasks",
                columns: new[] { "organization_id", "external_key" },
                unique: true,
                filter: "external_key IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_status_created_at_id_deleted",
                table: "agent_tasks",
                columns: new[] { "organization_id", "status", "created_at", "id", "deleted" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_task_executions_organization_id_status_created_at_id_deleted",
                table: "task_executions");

            migrationBuilder.DropIndex(
                name: "IX_monitor_tasks_organization_id_external_key",
                table: "monitor_tasks");

            migrationBuilder.DropIndex(
                name: "IX_monitor_tasks_organization_id_status_created_at_id_deleted",
                table: "monitor_tasks");

            migrationBuilder.DropIndex(
                name: "IX_flow_executions_organization_id_external_key",
                table: "flow_executions");

            migrationBuilder.DropIndex(
                name: "IX_flow_executions_organization_id_status_created_at_id_deleted",
                table: "flow_executions");

            migrationBuilder.DropIndex(
                name: "IX_deliveries_organization_id_status_created_at_id_deleted",
                table: "deliveries");

            migrationBuilder.DropIndex(
                name: "IX_board_tasks_organization_id_external_key",
                table: "board_tasks");

            migrationBuilder.DropIndex(
                name: "IX_board_tasks_organization_id_status_created_at_id_deleted",
                table: "board_tasks");

            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_external_key",
                table: "agent_tasks");

            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_status_created_at_id_deleted",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "external_key",
                table: "monitor_tasks");

            migrationBuilder.DropColumn(
                name: "external_key",
                table: "flow_executions");

            migrationBuilder.DropColumn(
                name: "external_key",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "external_key",
                table: "agent_tasks");

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_status_created_at_id",
                table: "task_executions",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_monitor_tasks_organization_id_status_created_at_id",
                table: "monitor_tasks",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_flow_executions_organization_id_status_created_at_id",
                table: "flow_executions",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_organization_id_status_created_at_id",
                table: "deliveries",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_status_created_at_id",
                table: "board_tasks",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_status_created_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "status", "created_at", "id" });
        }
    }
}
