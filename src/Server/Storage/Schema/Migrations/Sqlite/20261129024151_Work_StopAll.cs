using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TaskGrpc.Server.Storage.Schema.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Work_StopAll : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "claim_count",
                table: "task_executions",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "expired_leases",
                table: "task_executions",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "lease_holder_id",
                table: "task_executions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "lease_worker",
                table: "task_executions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ready_for",
                table: "task_executions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "traceparent",
                table: "task_executions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "claim_count",
                table: "board_tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "expired_leases",
                table: "board_tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "lease_holder_id",
                table: "board_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "lease_worker",
                table: "board_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "not_before",
                table: "board_tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "open_blockers",
                table: "board_tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "ready_for",
                table: "board_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "traceparent",
                table: "board_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "approval_expires_at",
                table: "agent_tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "claim_count",
                table: "agent_tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "expired_leases",
                table: "agent_tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "lease_holder_id",
                table: "agent_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "lease_worker",
                table: "agent_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "not_before",
                table: "agent_tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "overdue",
                table: "agent_tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "ready_for",
                table: "agent_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "required_approvals",
                table: "agent_tasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<string>(
                name: "traceparent",
                table: "agent_tasks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "board_task_blockers",
                columns: table => new
                {
                    blocked_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    blocker_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_board_task_blockers", x => new { x.blocked_id, x.blocker_id });
                });

            // Without a rowid: the row is in its key's own tree, and a claim writes one tree instead of three.
            migrationBuilder.Sql("""
                CREATE TABLE leases (
                    organization_id TEXT NOT NULL,
                    resource_id BLOB NOT NULL,
                    kind INTEGER NOT NULL,
                    token TEXT NOT NULL,
                    duration_microseconds INTEGER NOT NULL,
                    last_heartbeat_at INTEGER NOT NULL,
                    expires_at INTEGER NOT NULL,
                    wakes_at INTEGER NOT NULL,
                    progress BLOB NULL,
                    CONSTRAINT PK_leases PRIMARY KEY (organization_id, resource_id)
                ) WITHOUT ROWID
                """);

            // Marks the old rows that can be claimed, as far as their columns show it. Agent tasks in PLANNING or EXECUTING are not
            // marked: somebody works on them.
            migrationBuilder.Sql("""
                UPDATE agent_tasks SET ready_for = ''
                WHERE NOT deleted AND status = 1 AND (execution_mode <> 1 OR approval_policy = 1)
                """);
            migrationBuilder.Sql("""
                UPDATE board_tasks SET ready_for = coalesce(assigned_to_user_id, '') WHERE NOT deleted AND status IN (1, 2)
                """);
            migrationBuilder.Sql("""
                UPDATE task_executions SET ready_for = ''
                WHERE status = 1 AND NOT EXISTS (
                    SELECT 1 FROM flow_executions AS flow
                    WHERE flow.organization_id = task_executions.organization_id AND flow.id = flow_execution_id
                    AND flow.status IN (3, 4, 5))
                """);
            // The schedule marks what is past as overdue, in steps of 1,000 a revision.
            migrationBuilder.Sql("""
                INSERT INTO schedule (organization_id, purpose, group_name, due_at, resource_id, held, fence)
                SELECT organization_id, 5, 'times', due_at, id, FALSE, 0 FROM agent_tasks
                WHERE NOT deleted AND due_at IS NOT NULL AND status NOT IN (6, 7, 8)
                """);

            migrationBuilder.CreateIndex(
                name: "IX_task_executions_organization_id_ready_for_created_at_id",
                table: "task_executions",
                columns: new[] { "organization_id", "ready_for", "created_at", "id" },
                filter: "ready_for IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_tasks_organization_id_ready_for_priority_created_at_id",
                table: "board_tasks",
                columns: new[] { "organization_id", "ready_for", "priority", "created_at", "id" },
                filter: "ready_for IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_agent_tasks_organization_id_ready_for_priority_created_at_id",
                table: "agent_tasks",
                columns: new[] { "organization_id", "ready_for", "priority", "created_at", "id" },
                filter: "ready_for IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_board_task_blockers_blocker_id",
                table: "board_task_blockers",
                column: "blocker_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DELETE FROM schedule WHERE purpose >= 3");

            migrationBuilder.DropTable(
                name: "board_task_blockers");

            migrationBuilder.DropTable(
                name: "leases");

            migrationBuilder.DropIndex(
                name: "IX_task_executions_organization_id_ready_for_created_at_id",
                table: "task_executions");

            migrationBuilder.DropIndex(
                name: "IX_board_tasks_organization_id_ready_for_priority_created_at_id",
                table: "board_tasks");

            migrationBuilder.DropIndex(
                name: "IX_agent_tasks_organization_id_ready_for_priority_created_at_id",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "claim_count",
                table: "task_executions");

            migrationBuilder.DropColumn(
                name: "expired_leases",
                table: "task_executions");

            migrationBuilder.DropColumn(
                name: "lease_holder_id",
                table: "task_executions");

            migrationBuilder.DropColumn(
                name: "lease_worker",
                table: "task_executions");

            migrationBuilder.DropColumn(
                name: "ready_for",
                table: "task_executions");

            migrationBuilder.DropColumn(
                name: "traceparent",
                table: "task_executions");

            migrationBuilder.DropColumn(
                name: "claim_count",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "expired_leases",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "lease_holder_id",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "lease_worker",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "not_before",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "open_blockers",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "ready_for",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "traceparent",
                table: "board_tasks");

            migrationBuilder.DropColumn(
                name: "approval_expires_at",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "claim_count",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "expired_leases",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "lease_holder_id",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "lease_worker",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "not_before",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "overdue",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "ready_for",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "required_approvals",
                table: "agent_tasks");

            migrationBuilder.DropColumn(
                name: "traceparent",
                table: "agent_tasks");
        }
    }
}
