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
            // The epoch of every organization before its first change, which takes it over. The row is there already in a copy that an older
            // release made of a newer database.
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
