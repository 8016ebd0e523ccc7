using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace TaskGrpc.Server.Storage.Schema.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class StoreEpoch : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The epoch of every organization before its first change, which takes it over. The policies may be in force. The row is there
            // already in a copy that an older release made of a newer database.
            migrationBuilder.Sql("SELECT set_config('taskgrpc.scope', 'all', true)");
            migrationBuilder.Sql("""
                INSERT INTO organizations (id, revision, compacted_revision, epoch) VALUES ('', 0, 0, gen_random_uuid())
                ON CONFLICT (id) DO NOTHING
                """);
            // Every session reads this row, and only the server's own work writes it. A session whose organization is the empty text is one
            // that named an organization in its last transaction.
            migrationBuilder.Sql("""
                ALTER POLICY own_organization ON organizations USING (
                    (id = current_setting('taskgrpc.organization', true) AND id <> '') OR current_setting('taskgrpc.scope', true) = 'all')
                """);
            migrationBuilder.Sql("CREATE POLICY store_epoch ON organizations FOR SELECT USING (id = '')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP POLICY store_epoch ON organizations");
            migrationBuilder.Sql("""
                ALTER POLICY own_organization ON organizations USING (
                    id = current_setting('taskgrpc.organization', true) OR current_setting('taskgrpc.scope', true) = 'all')
                """);
            migrationBuilder.Sql("SELECT set_config('taskgrpc.scope', 'all', true)");
            migrationBuilder.Sql("DELETE FROM organizations WHERE id = ''");
        }
    }
}
