using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>The schema on SQLite, and its queries.</summary>
internal sealed class SqliteTaskDb(DbContextOptions<SqliteTaskDb> options) : TaskDb(options)
{
    private static readonly SqlFunctions SearchFunctions = Search(SqliteSearch.AddTo);

    protected override SqlFunctions Functions => SearchFunctions;

    public override IQueryable<ChangeRow> LogInOrder() => All<ChangeRow>().OrderBy(row => row.Sequence);

    public override IQueryable<RequestRow> RequestsInOrder() => All<RequestRow>().OrderBy(row => row.Sequence);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<Guid>().HaveConversion<GuidToBytes>();
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<MomentToMicroseconds>();
    }

    protected override void MapKeys(ModelBuilder model)
    {
        foreach (var table in SqliteTables.All)
        {
            var rows = model.Entity(table.Row);
            rows.HasKey(table.Keys);
            foreach (var property in table.Without)
            {
                rows.Ignore(property);
            }

            if (table.Numbered is { } sequence)
            {
                // SQLite numbers a plain rowid by itself; AUTOINCREMENT would write to a second table with every insert.
                rows.Property(sequence).ValueGeneratedNever();
            }
        }

        model.Entity<SubtaskRow>().HasIndex(row => row.ChildId);
        var changes = model.Entity<ChangeRow>();
        changes.HasIndex(row => new { row.OrganizationId, row.Revision, row.Ordinal }).IsUnique();
        // Serves a resource's timeline.
        changes.HasIndex(row => new { row.ResourceId, row.Revision });

        model.Entity<RequestRow>().HasIndex(row => new { row.RequestId, row.OrganizationId, row.Caller }).IsUnique();

        // A trigger's key is unique per task, and each trigger looks it up.
        model.Entity<DeliveryRow>().HasIndex(row => new { row.TaskId, row.TriggerKey }).IsUnique();
        model.Entity<DueDeliveryRow>().HasIndex(row => new { row.OrganizationId, row.Endpoint, row.DueAt }).HasFilter(SqliteTables.NotHeld);
    }

    /// <summary>
    /// Compares the organization in a form that no index serves. With the plain form, SQLite's planner reads all tasks of the
    /// organization, to avoid sorting the few tasks of the edges.
    /// </summary>
    protected override IQueryable<BoardTaskRow> OwnOf(IQueryable<BoardTaskRow> neighbours) =>
        neighbours.Where(task => task.OrganizationId + "" == OrganizationId);

    internal sealed class GuidToBytes() : ValueConverter<Guid, byte[]>(
        id => id.ToByteArray(true),
        bytes => new Guid(bytes, true));

    internal sealed class MomentToMicroseconds() : ValueConverter<DateTimeOffset, long>(
        moment => SqliteValues.Microseconds(moment),
        microseconds => SqliteValues.Moment(microseconds));
}
