using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TaskGrpc.Server.Storage.Schema.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Schedule_StopAll : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "cascades",
                columns: table => new
                {
                    resource_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<int>(type: "INTEGER", nullable: false),
                    actor_type = table.Column<int>(type: "INTEGER", nullable: false),
                    actor_id = table.Column<string>(type: "TEXT", nullable: false),
                    integration_type = table.Column<string>(type: "TEXT", nullable: true),
                    reason = table.Column<string>(type: "TEXT", nullable: true),
                    after_at = table.Column<long>(type: "INTEGER", nullable: false),
                    after_id = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cascades", x => x.resource_id);
                });

            migrationBuilder.CreateTable(
                name: "delivery_tries",
                columns: table => new
                {
                    delivery_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    tries = table.Column<int>(type: "INTEGER", nullable: false),
                    cut_short = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_delivery_tries", x => x.delivery_id);
                });

            // Without a rowid: the row is in its key's own tree, and a new time writes one tree less.
            migrationBuilder.Sql("""
                CREATE TABLE schedule (
                    purpose INTEGER NOT NULL,
                    resource_id BLOB NOT NULL,
                    organization_id TEXT NOT NULL,
                    group_name TEXT NOT NULL,
                    due_at INTEGER NOT NULL,
                    held INTEGER NOT NULL,
                    fence INTEGER NOT NULL,
                    CONSTRAINT PK_schedule PRIMARY KEY (resource_id, purpose)
                ) WITHOUT ROWID
                """);

            // What only deliveries need has a row only once an attempt has ended. The try of a running attempt has not.
            migrationBuilder.Sql("""
                INSERT INTO schedule (organization_id, purpose, group_name, due_at, resource_id, held, fence)
                SELECT organization_id, 1, endpoint, due_at, delivery_id, held, 0 FROM due_deliveries
                """);
            migrationBuilder.Sql("""
                INSERT INTO delivery_tries (organization_id, delivery_id, tries, cut_short)
                SELECT organization_id, delivery_id, tries - CASE WHEN claimed THEN 1 ELSE 0 END, cut_short FROM due_deliveries
                WHERE tries - CASE WHEN claimed THEN 1 ELSE 0 END > 0 OR cut_short > 0
                """);

            migrationBuilder.DropTable(
                name: "due_deliveries");

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_open",
                table: "deliveries",
                columns: new[] { "organization_id", "task_id", "created_at", "id" },
                filter: "status IN (1, 2, 4)");

            migrationBuilder.CreateIndex(
                name: "IX_schedule_purpose_organization_id_group_name_due_at",
                table: "schedule",
                columns: new[] { "purpose", "organization_id", "group_name", "due_at" },
                filter: "held = FALSE");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_deliveries_open",
                table: "deliveries");

            migrationBuilder.CreateTable(
                name: "due_deliveries",
                columns: table => new
                {
                    organization_id = table.Column<string>(type: "TEXT", nullable: false),
                    task_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    delivery_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    claimed = table.Column<bool>(type: "INTEGER", nullable: false),
                    cut_short = table.Column<int>(type: "INTEGER", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: false),
                    endpoint = table.Column<string>(type: "TEXT", nullable: false),
                    held = table.Column<bool>(type: "INTEGER", nullable: false),
                    tries = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_due_deliveries", x => new { x.organization_id, x.task_id, x.delivery_id });
                });

            migrationBuilder.Sql("""
                INSERT INTO due_deliveries (organization_id, task_id, delivery_id, claimed, cut_short, due_at, endpoint, held, tries)
                SELECT schedule.organization_id, task_id, id, status = 2, coalesce(cut_short, 0), due_at, group_name, held,
                    coalesce(tries, 0) + CASE WHEN status = 2 THEN 1 ELSE 0 END
                FROM schedule JOIN deliveries ON deliveries.organization_id = schedule.organization_id AND id = resource_id
                LEFT JOIN delivery_tries ON delivery_tries.organization_id = schedule.organization_id AND delivery_id = resource_id
                WHERE purpose = 1
                """);

            migrationBuilder.DropTable(
                name: "cascades");

            migrationBuilder.DropTable(
                name: "delivery_tries");

            migrationBuilder.DropTable(
                name: "schedule");

            migrationBuilder.CreateIndex(
                name: "IX_due_deliveries_organization_id_endpoint_due_at",
                table: "due_deliveries",
                columns: new[] { "organization_id", "endpoint", "due_at" },
                filter: "held = 0");
        }
    }
}
