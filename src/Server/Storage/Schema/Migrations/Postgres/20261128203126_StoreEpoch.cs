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
            // An organization uses the epoch of this row until its first change, which copies the epoch into the organization's own row.
            // The policies may be in force. A database that an older release copied from a newer one already has the row.
            migrationBuilder.Sql("SELECT set_config('taskgrpc.scope', 'all', true)");
            migrationBuilder.Sql("""
                INSERT INTO organizations (id, revision, compacted_revision, epoch) VALUES ('', 0, 0, gen_random_uuid())
                ON CONFLICT (id) DO NOTHING
                """);
            // Every session reads this row, and only the server's own work writes it. The policy excludes the empty id, because PostgreSQL
            // resets taskgrpc.organization to the empty text, not to NULL, after a transaction.
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
