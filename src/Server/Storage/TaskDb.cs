using System.Data;
using System.Data.Common;
using System.Linq.Expressions;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using TaskGrpc.Server.Storage.Rows;

namespace TaskGrpc.Server.Storage;

/// <summary>
/// The schema of the store, declared once for all providers, and its queries. Every query sees the rows of
/// <see cref="OrganizationId"/> only; until that is set it sees none.
/// </summary>
internal abstract partial class TaskDb(DbContextOptions options) : DbContext(options)
{
    private bool _opened;

    /// <summary>What this database's prepared statements look like where databases differ.</summary>
    public abstract Dialect Dialect { get; }

    /// <summary>The connection, open from the first use on.</summary>
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

    /// <summary>The organization to which all queries are bound; null binds them to nobody.</summary>
    public string? OrganizationId { get; set; }

    public DbSet<BoardTaskRow> BoardTasks => Set<BoardTaskRow>();

    public DbSet<SubtaskRow> Subtasks => Set<SubtaskRow>();

    /// <summary>The direct subtasks of a task of this organization.</summary>
    public IQueryable<BoardTaskRow> SubtasksOf(Guid parent) =>
        Own(Subtasks.Where(edge => edge.OrganizationId == OrganizationId && edge.ParentId == parent)
            .Join(BoardTasks, edge => edge.ChildId, task => task.Id, (_, task) => task));

    /// <summary>The direct parents of a task of this organization.</summary>
    public IQueryable<BoardTaskRow> ParentsOf(Guid child) =>
        Own(Subtasks.Where(edge => edge.OrganizationId == OrganizationId && edge.ChildId == child)
            .Join(BoardTasks, edge => edge.ParentId, task => task.Id, (_, task) => task));

    /// <summary>A task execution of this organization by its key; without an index the latest. Deleted ones have no key to callers.</summary>
    public IQueryable<TaskExecutionRow> TaskExecutionsBy(Guid flow, string taskName, int? index) =>
        Set<TaskExecutionRow>()
            .Where(row => row.FlowExecutionId == flow && row.TaskName == taskName && !row.Deleted && (index == null || row.TaskExecutionIndex == index))
            .OrderByDescending(row => row.TaskExecutionIndex);

    /// <summary>The logs of all organizations, in an order in which the oldest can be removed first.</summary>
    public abstract IQueryable<ChangeRow> LogInOrder();

    /// <summary>The used request ids of all organizations, the oldest first.</summary>
    public abstract IQueryable<RequestRow> RequestsInOrder();

    /// <summary>Prepares the read of one resource of a table on this connection.</summary>
    public abstract PointRead PointRead(string table);

    /// <summary>Ends what the connection runs once the token is cancelled, until it is disposed of.</summary>
    public abstract IDisposable InterruptWhen(CancellationToken cancellationToken);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OrganizationRow>().ToTable("organizations").HasKey(row => row.Id);
        ResourceTables.Map(modelBuilder);
        modelBuilder.Entity<SubtaskRow>().ToTable("board_task_subtasks");
        modelBuilder.Entity<ChangeRow>().ToTable("changes");
        modelBuilder.Entity<RequestRow>().ToTable("requests");
        modelBuilder.Entity<SigningSecretRow>().ToTable("signing_secrets").HasIndex(row => new { row.OrganizationId, row.CreatedAt, row.Id });
        MapKeys(modelBuilder);
        RowValues.Map(modelBuilder);

        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            BindToOrganization(modelBuilder, entity);
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        }
    }

    protected virtual void Open() => Database.OpenConnection();

    /// <summary>Declares the tables' keys and the indexes that find single rows: what leads them decides how each database writes.</summary>
    protected abstract void MapKeys(ModelBuilder model);

    /// <summary>Binds a query of neighbours to this organization, in the form that keeps the planner on their edges.</summary>
    protected abstract IQueryable<BoardTaskRow> Own(IQueryable<BoardTaskRow> neighbours);

    /// <summary>The one place that keeps organizations apart: no query of an organization's rows can leave this filter out.</summary>
    private void BindToOrganization(ModelBuilder model, IMutableEntityType entity)
    {
        if (!typeof(IOrganizationRow).IsAssignableFrom(entity.ClrType))
        {
            return;
        }

        var row = Expression.Parameter(entity.ClrType, "row");
        var own = Expression.Equal(
            Expression.Property(row, nameof(IOrganizationRow.OrganizationId)),
            Expression.Property(Expression.Constant(this, typeof(TaskDb)), nameof(OrganizationId)));
        model.Entity(entity.ClrType).HasQueryFilter(Expression.Lambda(own, row));
    }

    public static string SnakeCase(string name) => WordStart().Replace(name, "_$1").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStart();
}
