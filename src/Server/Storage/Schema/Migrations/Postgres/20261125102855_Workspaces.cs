using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TaskGrpc.Server.Storage.Schema.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Workspaces : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_workspace_id_created_at_id",
                table: "agent_tasks");

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_workspace_id_created_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "workspace_id", "created_at", "id" },
                filter: "workspace_id <> organization_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_workspace_id_created_at_id",
                table: "agent_tasks");

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_workspace_id_created_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "workspace_id", "created_at", "id" });
        }
    }
}
