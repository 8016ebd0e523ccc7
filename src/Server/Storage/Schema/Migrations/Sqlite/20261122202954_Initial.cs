using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TaskGrpc.Server.Storage.Schema.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "agent_tasks",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    task_type = table.Column<string>(type: "TEXT", nullable: false),
                    source_type = table.Column<int>(type: "INTEGER", nullable: false),
                    source_ref_id = table.Column<string>(type: "TEXT", nullable: true),
                    entity_type = table.Column<string>(type: "TEXT", nullable: true),
                    entity_id = table.Column<string>(type: "TEXT", nullable: true),
                    title = table.Column<string>(type: "TEXT", nullable: false),
                    priority = table.Column<int>(type: "INTEGER", nullable: false),
                    blocked_from = table.Column<int>(type: "INTEGER", nullable: true),
                    assigned_agent_role = table.Column<string>(type: "TEXT", nullable: true),
                    execution_mode = table.Column<int>(type: "INTEGER", nullable: false),
                    approval_policy = table.Column<int>(type: "INTEGER", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: true),
                    started_at = table.Column<long>(type: "INTEGER", nullable: true),
                    completed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    failed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    workspace_visible = table.Column<bool>(type: "INTEGER", nullable: false),
                    created_by_user_id = table.Column<string>(type: "TEXT", nullable: true),
                    workspace_id = table.Column<string>(type: "TEXT", nullable: false),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    deleted = table.Column<bool>(type: "INTEGER", nullable: false),
                    body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_agent_tasks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "board_task_subtasks",
                columns: table => new
                {
                    parent_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    child_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_board_task_subtasks", x => new { x.parent_id, x.child_id });
                });

            migrationBuilder.CreateTable(
                name: "board_tasks",
                columns: table => new
                {
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    title = table.Column<string>(type: "TEXT", nullable: false),
                    priority = table.Column<int>(type: "INTEGER", nullable: false),
                    created_by = table.Column<string>(type: "TEXT", nullable: true),
                    subtask_count = table.Column<int>(type: "INTEGER", nullable: false),
                    assigned_to_type_id = table.Column<string>(type: "TEXT", nullable: true),
                    assigned_to_instance_id = table.Column<string>(type: "TEXT", nullable: true),
                    assigned_to_user_id = table.Column<string>(type: "TEXT", nullable: true),
                    correlation_bucket_id = table.Column<string>(type: "TEXT", nullable: true),
                    source = table.Column<int>(type: "INTEGER", nullable: false),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_at = table.Column<long>(type: "INTEGER", nullable: false),
                    deleted = table.Column<bool>(type: "INTEGER", nullable: false),
                    body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_board_tasks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "changes",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    ordinal = table.Column<int>(type: "INTEGER", nullable: false),
                    remaining = table.Column<int>(type: "INTEGER", nullable: false),
                    kind = table.Column<int>(type: "INTEGER", nullable: false),
                    resource_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    type = table.Column<int>(type: "INTEGER", nullable: false),
                    changed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_changes", x => x.sequence);
                });

            migrationBuilder.CreateTable(
                name: "organizations",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    revision = table.Column<long>(type: "INTEGER", nullable: false),
                    compacted_revision = table.Column<long>(type: "INTEGER", nullable: false),
                    epoch = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_organizations", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "requests",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    request_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    caller = table.Column<string>(type: "TEXT", nullable: false),
                    fingerprint = table.Column<byte[]>(type: "BLOB", nullable: false),
                    answer = table.Column<byte[]>(type: "BLOB", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_requests", x => x.sequence);
                });

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_created_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_board_task_subtasks_child_id",
                table: "board_task_subtasks",
                column: "child_id");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_created_at_id",
                table: "board_tasks",
                columns: new[] { "organization_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_changes_organization_id_revision_ordinal",
                table: "changes",
                columns: new[] { "organization_id", "revision", "ordinal" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_changes_resource_id_revision",
                table: "changes",
                columns: new[] { "resource_id", "revision" });

            migrationBuilder.CreateIndex(
                name: "IX_requests_request_id_organization_id_caller",
                table: "requests",
                columns: new[] { "request_id", "organization_id", "caller" },
                unique: true);
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
                name: "organizations");

            migrationBuilder.DropTable(
                name: "requests");
        }
    }
}
