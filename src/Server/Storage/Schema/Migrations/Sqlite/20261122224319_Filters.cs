using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TaskGrpc.Server.Storage.Schema.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Filters : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "deleted_at",
                table: "board_tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "revision",
                table: "board_tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "deleted_at",
                table: "agent_tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "metadata",
                table: "agent_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "revision",
                table: "agent_tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            // Nothing changes a task after its deletion. The metadata is in the body, which TaskStore's function reads.
            migrationBuilder.Sql("UPDATE board_tasks SET deleted_at = updated_at WHERE deleted");
            migrationBuilder.Sql("UPDATE agent_tasks SET deleted_at = updated_at WHERE deleted");
            foreach (var table in new[] { "agent_tasks", "board_tasks" })
            {
                migrationBuilder.Sql($"UPDATE {table} SET revision = coalesce((SELECT max(changes.revision) FROM changes WHERE changes.resource_id = {table}.id), 0)");
            }

            migrationBuilder.Sql("UPDATE agent_tasks SET metadata = agent_task_metadata(body)");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_assigned_to_instance_id_created_at_id",
                table: "board_tasks",
                columns: new[] { "organization_id", "assigned_to_instance_id", "created_at", "id" },
                filter: "assigned_to_instance_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_assigned_to_type_id_created_at_id",
                table: "board_tasks",
                columns: new[] { "organization_id", "assigned_to_type_id", "created_at", "id" },
                filter: "assigned_to_type_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_assigned_to_user_id_created_at_id",
                table: "board_tasks",
                columns: new[] { "organization_id", "assigned_to_user_id", "created_at", "id" },
                filter: "assigned_to_user_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_correlation_bucket_id_created_at_id",
                table: "board_tasks",
                columns: new[] { "organization_id", "correlation_bucket_id", "created_at", "id" },
                filter: "correlation_bucket_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_status_created_at_id",
                table: "board_tasks",
                columns: new[] { "organization_id", "status", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_assigned_agent_role_created_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "assigned_agent_role", "created_at", "id" },
                filter: "assigned_agent_role IS NOT NULL");

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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_board_tasks_organization_id_assigned_to_instance_id_created_at_id",
                table: "board_tasks");

            migrationBuilder.DropIndex(
                name: "IX_board_tasks_organization_id_assigned_to_type_id_created_at_id",
                table: "board_tasks");

            migrationBuilder.DropIndex(
                name: "IX_board_tasks_organization_id_assigned_to_user_id_created_at_id",
                table: "board_tasks");

            migrationBuilder.DropIndex(
                name: "IX_board_tasks_organization_id_correlation_bucket_id_created_at_id",
                table: "board_tasks");

            migrationBuilder.DropIndex(
                name: "IX_board_tasks_organization_id_status_created_at_id",
                table: "board_tasks");

            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_assigned_agent_role_created_at_id",
                table: "agent_tasks");

            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_due_at_id",
                table: "agent_tasks");

            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_entity_id_created_at_id",
                table: "agent_tasks");

            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_status_created_at_id",
                table: "agent_tasks");

            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_workspace_id_created_at_id",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "deleted_at",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "revision",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "deleted_at",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "metadata",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "revision",
                table: "agent_tasks");
        }
    }
}
