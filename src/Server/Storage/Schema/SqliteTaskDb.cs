using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>The schema on SQLite.</summary>
internal sealed class SqliteTaskDb(DbContextOptions<SqliteTaskDb> options) : TaskDb(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // Only the columns' types come from here: BLOB and INTEGER. SqliteValues writes them.
        configurationBuilder.Properties<Guid>().HaveConversion<GuidToBytesConverter>();
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<DateTimeOffsetToBinaryConverter>();
    }

    protected override TableForm FormOf(Table table) => table.Sqlite;

    protected override void MapIndexes(ModelBuilder model)
    {
        // SQLite numbers a plain rowid by itself; AUTOINCREMENT would write to a second table with every insert.
        foreach (var table in Tables.All.Where(table => table.Sequence is not null))
        {
            model.Entity(table.Row).Property(table.Sequence!).ValueGeneratedNever();
        }

        model.Entity<SubtaskRow>().HasIndex(row => row.ChildId);
        model.Entity<BlockerRow>().HasIndex(row => row.BlockerId);
        var changes = model.Entity<ChangeRow>();
        changes.HasIndex(row => new { row.OrganizationId, row.Revision, row.Ordinal }).IsUnique();
        // A resource's timeline.
        changes.HasIndex(row => new { row.ResourceId, row.Revision });

        model.Entity<RequestRow>().HasIndex(row => new { row.RequestId, row.OrganizationId, row.Caller }).IsUnique();

        // A trigger's key is unique per task, and looked up by each trigger.
        model.Entity<DeliveryRow>().HasIndex(row => new { row.TaskId, row.TriggerKey }).IsUnique();
    }
}
