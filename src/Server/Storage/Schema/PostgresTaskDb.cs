using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>The schema on PostgreSQL. Text is ordered by its bytes.</summary>
internal sealed class PostgresTaskDb(DbContextOptions<PostgresTaskDb> options) : TaskDb(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        // By bytes, as SQLite orders text and as page tokens expect it on every machine.
        configurationBuilder.Properties<string>().UseCollation("C");

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        foreach (var table in Tables.All.Where(table => table.Json is not null))
        {
            modelBuilder.Entity(table.Row).Property(table.Json!).HasColumnType("jsonb").UseCollation(null);
        }

        var keys = modelBuilder.Entity<KeyRow>().ToTable("data_protection_keys");
        foreach (var property in keys.Metadata.GetProperties())
        {
            property.SetColumnName(Column.NameOf(property.Name));
        }
    }

    protected override TableForm FormOf(Table table) => table.Postgres;

    protected override void MapIndexes(ModelBuilder model)
    {
        model.Entity<SubtaskRow>().HasIndex(row => new { row.OrganizationId, row.ChildId });
        model.Entity<BlockerRow>().HasIndex(row => new { row.OrganizationId, row.BlockerId });
        // A resource's timeline.
        model.Entity<ChangeRow>().HasIndex(row => new { row.OrganizationId, row.ResourceId, row.Revision });
        // Expiry removes from the low end.
        model.Entity<RequestRow>().HasIndex(row => new { row.OrganizationId, row.CreatedAt });
        // A trigger's key is unique per task, and looked up by each trigger.
        model.Entity<DeliveryRow>().HasIndex(row => new { row.OrganizationId, row.TaskId, row.TriggerKey }).IsUnique();
        // A channel of 4 KiB would not fit into an index; lists by it use the organization's order of time.
        var deliveries = model.Entity<DeliveryRow>().Metadata;
        foreach (var index in deliveries.GetIndexes()
            .Where(index => index.Properties.Any(property => property.Name == nameof(DeliveryRow.TargetChannel))).ToList())
        {
            deliveries.RemoveIndex(index);
        }
    }
}
