using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TaskGrpc.Server.Storage.Schema.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class StoreEpoch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // An organization uses the epoch of this row until its first change, which copies the epoch into the organization's own row. A
            // database that an older release copied from a newer one already has the row.
            migrationBuilder.Sql("""
                INSERT INTO organizations (id, revision, compacted_revision, epoch) VALUES ('', 0, 0, randomblob(16))
                ON CONFLICT (id) DO NOTHING
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DELETE FROM organizations WHERE id = ''");
        }
    }
}
