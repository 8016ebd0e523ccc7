using System.Data;
using System.Data.Common;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TaskGrpc.Server.Storage.Postgres.Sessions;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>The schema on PostgreSQL. The organization leads every key and index, so that tables can be distributed by it.</summary>
internal sealed class PostgresTaskDb(DbContextOptions<PostgresTaskDb> options, bool rowLevelSecurity = false, ConnectionGate? gate = null) : TaskDb(options), IDataProtectionKeyContext
{
    private const string NotHeld = "NOT held";
    private const string Moment = "ISOLATION LEVEL REPEATABLE READ READ ONLY";

    // Reserves the deliveries that are due at an endpoint, unless another replica has reserved them.
    private const string Reserve =
        """
        WITH picked AS MATERIALIZED (
            SELECT organization_id AS own, task_id AS task, delivery_id AS delivery FROM due_deliveries
            WHERE NOT held AND organization_id = @organization AND endpoint = @endpoint AND due_at <= @now
            AND (reserved_by IS NULL OR reserved_by = @self OR reserved_until <= @now)
            ORDER BY due_at LIMIT @limit FOR UPDATE SKIP LOCKED)
        UPDATE due_deliveries SET reserved_by = @self, reserved_until = @until
        FROM picked WHERE organization_id = own AND task_id = task AND delivery_id = delivery
        """;

    private static readonly SqlFunctions SearchFunctions = Search(PostgresSearch.AddTo);

    private static readonly Dialect Plain = new()
    {
        IsOwn = "organization_id = @organization",
        ChangeKey = "organization_id, revision, ordinal",
        IsNotHeld = NotHeld,
        BeginView = $"BEGIN {Moment}",
        EndView = "COMMIT",
        ReserveDue = Reserve,
    };

    // Each rent is a transaction that names its organization, and each view within it is a transaction of its own.
    private static readonly Dialect Secured = Plain with
    {
        BeginRent = $"BEGIN; {RowSecurity.Tell}",
        EndRent = "COMMIT",
        BeginView = $"COMMIT; BEGIN {Moment}; {RowSecurity.Tell}",
        EndView = $"COMMIT; BEGIN; {RowSecurity.Tell}",
    };

    private bool _opened;

    /// <summary>The connection; its first use opens it.</summary>
    public DbConnection Connection
    {
        get
        {
            var connection = Database.GetDbConnection();
            if (connection.State == ConnectionState.Closed && !_opened)
            {
                _opened = true;
                Open();
            }

            return connection;
        }
    }

    protected override SqlFunctions Functions => SearchFunctions;

    public Dialect Dialect => rowLevelSecurity ? Secured : Plain;

    /// <summary>The keys that encrypt signing secrets, if the database holds them. No organization owns them.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => All<DataProtectionKey>();

    /// <summary>The query that EF is running on the connection.</summary>
    public RunningCommand Running { get; } = new();

    /// <summary>Ordered by time, but within an organization by revision, because a clock may have gone back.</summary>
    public override IQueryable<ChangeRow> LogInOrder() => All<ChangeRow>().FromSqlRaw(
        "SELECT * FROM changes ORDER BY max(changed_at) OVER (PARTITION BY organization_id ORDER BY revision), organization_id, revision, ordinal");

    public override IQueryable<RequestRow> RequestsInOrder() => All<RequestRow>().OrderBy(row => row.CreatedAt);

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder)
    {
        base.OnConfiguring(optionsBuilder);
        optionsBuilder.AddInterceptors(Running);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        // Ordered by bytes, as on SQLite and as page tokens need it on every machine.
        configurationBuilder.Properties<string>().UseCollation("C");

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<AgentTaskRow>().Property(row => row.Metadata).HasColumnType("jsonb").UseCollation(null);
        modelBuilder.Entity<DataProtectionKey>().ToTable("data_protection_keys");
    }

    protected override void MapKeys(ModelBuilder model)
    {
        foreach (var resource in TableNames.Resources)
        {
            model.Entity(resource).HasKey(nameof(ResourceRow.OrganizationId), nameof(ResourceRow.Id));
        }

        model.Entity<OrganizationRow>().HasKey(row => row.Id);
        var subtasks = model.Entity<SubtaskRow>();
        subtasks.HasKey(row => new { row.OrganizationId, row.ParentId, row.ChildId });
        subtasks.HasIndex(row => new { row.OrganizationId, row.ChildId });

        var changes = model.Entity<ChangeRow>();
        changes.HasKey(row => new { row.OrganizationId, row.Revision, row.Ordinal });
        changes.Ignore(row => row.Sequence);
        // Serves a resource's timeline.
        changes.HasIndex(row => new { row.OrganizationId, row.ResourceId, row.Revision });

        var requests = model.Entity<RequestRow>();
        requests.HasKey(row => new { row.OrganizationId, row.RequestId, row.Caller });
        requests.Ignore(row => row.Sequence);
        // Serves expiry, which removes the oldest first.
        requests.HasIndex(row => new { row.OrganizationId, row.CreatedAt });

        model.Entity<SigningSecretRow>().HasKey(row => new { row.OrganizationId, row.Id });
        // A trigger's key is unique per task, and each trigger looks it up.
        model.Entity<DeliveryRow>().HasIndex(row => new { row.OrganizationId, row.TaskId, row.TriggerKey }).IsUnique();
        // A channel of 4 KiB does not fit into an index; lists by it use the organization's index by time.
        var deliveries = model.Entity<DeliveryRow>().Metadata;
        foreach (var index in deliveries.GetIndexes().Where(index => index.Properties.Any(property => property.Name == nameof(DeliveryRow.TargetChannel))).ToList())
        {
            deliveries.RemoveIndex(index);
        }

        var due = model.Entity<DueDeliveryRow>();
        due.HasKey(row => new { row.OrganizationId, row.TaskId, row.DeliveryId });
        due.HasIndex(row => new { row.OrganizationId, row.Endpoint, row.DueAt }).HasFilter(NotHeld);
    }

    protected override IQueryable<BoardTaskRow> OwnOf(IQueryable<BoardTaskRow> neighbours) => neighbours.Where(task => task.OrganizationId == OrganizationId);

    private void Open()
    {
        if (gate is null)
        {
            Database.OpenConnection();
        }
        else
        {
            gate.Open((NpgsqlConnection)Database.GetDbConnection());
        }
    }
}
