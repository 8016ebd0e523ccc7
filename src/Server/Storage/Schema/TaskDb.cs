using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>The schema of the store as EF migrates it. Nothing is read or written through it.</summary>
internal abstract class TaskDb(DbContextOptions options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        foreach (var table in Tables.All)
        {
            var (rows, form) = (modelBuilder.Entity(table.Row), FormOf(table));
            rows.ToTable(table.Name).HasKey([.. form.Key]);
            foreach (var column in table.Columns)
            {
                if (!form.Columns.Contains(column))
                {
                    rows.Ignore(column.Property);
                    continue;
                }

                var property = rows.Property(column.Property).HasColumnName(column.Name);
                if (table.IsResource && form.Key.Contains(column.Property))
                {
                    property.ValueGeneratedNever();
                }
            }
        }

        ResourceTables.Map(modelBuilder);
        modelBuilder.Entity<SigningSecretRow>().HasIndex(row => new { row.OrganizationId, row.CreatedAt, row.Id });
        // The purpose leads: each reader of the schedule walks along the places of its own.
        modelBuilder.Entity<ScheduleRow>().HasIndex(row => new { row.Purpose, row.OrganizationId, row.GroupName, row.DueAt })
            .HasFilter(ScheduleRow.IsNotHeld);
        MapIndexes(modelBuilder);
    }

    /// <summary>A table as this database has it.</summary>
    protected abstract TableForm FormOf(Table table);

    /// <summary>Declares the indexes that find single rows: what leads them decides how each database writes.</summary>
    protected abstract void MapIndexes(ModelBuilder model);
}
