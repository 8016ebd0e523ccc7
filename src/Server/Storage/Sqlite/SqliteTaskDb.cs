using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using TaskGrpc.Server.Storage.Rows;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>The store on SQLite. UUIDs are 16 bytes in the order of their text, moments are integers: microseconds, UTC.</summary>
internal sealed class SqliteTaskDb(DbContextOptions<SqliteTaskDb> options) : TaskDb(options)
{
    private const string NotHeld = "held = 0";

    private static readonly SqlFunctions SearchFunctions = Search(SqliteSearch.AddTo);

    /// <summary>Builds the model, which EF then keeps for all contexts.</summary>
    public static void BuildModel()
    {
        using var db = new SqliteTaskDb(new DbContextOptionsBuilder<SqliteTaskDb>().UseSqlite().Options);
        _ = db.Model;
    }

    protected override SqlFunctions Functions => SearchFunctions;

    public override Dialect Dialect { get; } = new()
    {
        // Where it may, SQLite's planner would rather walk all that is the organization's; the concatenation keeps it from that.
        IsOwn = "organization_id || '' = @organization",
        ChangeKey = "sequence",
        IsNotHeld = NotHeld,
        BeginMoment = "BEGIN DEFERRED",
        EndMoment = "COMMIT",
    };

    public override SqlitePointRead PointRead(string table) => new((SqliteConnection)Connection, table);

    public override IDisposable InterruptWhen(CancellationToken cancellationToken) => new SqliteInterrupt((SqliteConnection)Connection, cancellationToken);

    public override IQueryable<ChangeRow> LogInOrder() => All<ChangeRow>().OrderBy(row => row.Sequence);

    public override IQueryable<RequestRow> RequestsInOrder() => All<RequestRow>().OrderBy(row => row.Sequence);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<Guid>().HaveConversion<GuidToBytes>();
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<MomentToMicroseconds>();
    }

    /// <summary>The log and the requests are appended to, whoever's they are; ids lead, since UUIDv7 appends too, wherever an organization would scatter.</summary>
    protected override void MapKeys(ModelBuilder model)
    {
        foreach (var resource in model.Model.GetEntityTypes().Where(entity => typeof(ResourceRow).IsAssignableFrom(entity.ClrType)).ToList())
        {
            model.Entity(resource.ClrType).HasKey(nameof(ResourceRow.Id));
        }

        var subtasks = model.Entity<SubtaskRow>();
        subtasks.HasKey(row => new { row.ParentId, row.ChildId });
        subtasks.HasIndex(row => row.ChildId);

        var changes = model.Entity<ChangeRow>();
        changes.HasKey(row => row.Sequence);
        changes.HasIndex(row => new { row.OrganizationId, row.Revision, row.Ordinal }).IsUnique();
        // A resource's timeline.
        changes.HasIndex(row => new { row.ResourceId, row.Revision });

        var requests = model.Entity<RequestRow>();
        requests.HasKey(row => row.Sequence);
        requests.HasIndex(row => new { row.RequestId, row.OrganizationId, row.Caller }).IsUnique();

        model.Entity<SigningSecretRow>().HasKey(row => row.Id);
        // A trigger's key is unique per task, and looked up by each trigger.
        model.Entity<DeliveryRow>().HasIndex(row => new { row.TaskId, row.TriggerKey }).IsUnique();
        var due = model.Entity<DueDeliveryRow>();
        due.HasIndex(row => new { row.OrganizationId, row.Endpoint, row.DueAt }).HasFilter(NotHeld);
        // There are no other replicas from which anything would have to be kept.
        due.Ignore(row => row.ReservedBy).Ignore(row => row.ReservedUntil);

        // SQLite numbers a plain rowid by itself; AUTOINCREMENT would write to a second table with every insert.
        changes.Property(row => row.Sequence).ValueGeneratedNever();
        requests.Property(row => row.Sequence).ValueGeneratedNever();
    }

    /// <summary>
    /// The organization's filter in a form that no index serves. Given the plain one, SQLite's planner walks all of the
    /// organization's tasks to spare itself the sorting of the few that the edges lead to.
    /// </summary>
    protected override IQueryable<BoardTaskRow> OwnOf(IQueryable<BoardTaskRow> neighbours) =>
        neighbours.Where(task => task.OrganizationId + "" == OrganizationId);

    /// <summary>An id as it is stored: big-endian, because the little-endian layout of Guid would scatter UUIDv7's order of time.</summary>
    public static void Write(Guid id, Span<byte> bytes) => id.TryWriteBytes(bytes, bigEndian: true, out _);

    /// <summary>A moment as it is stored.</summary>
    public static long Microseconds(DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>A stored moment.</summary>
    public static DateTimeOffset Moment(long microseconds) => new(DateTimeOffset.UnixEpoch.Ticks + (microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    internal sealed class GuidToBytes() : ValueConverter<Guid, byte[]>(
        id => id.ToByteArray(true),
        bytes => new Guid(bytes, true));

    internal sealed class MomentToMicroseconds() : ValueConverter<DateTimeOffset, long>(
        moment => Microseconds(moment),
        microseconds => Moment(microseconds));
}
