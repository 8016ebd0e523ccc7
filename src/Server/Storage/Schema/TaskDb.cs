using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>The schema of the store, declared once for all providers, and its queries.</summary>
internal abstract class TaskDb(DbContextOptions options) : DbContext(options)
{
    /// <summary>The organization whose rows <see cref="Own{TRow}"/> returns; null for no rows.</summary>
    public string? OrganizationId { get; set; }

    /// <summary>The translations of our methods into this database's SQL.</summary>
    protected abstract SqlFunctions Functions { get; }

    /// <summary>
    /// The rows of <see cref="OrganizationId"/>. This is the one place that keeps organizations apart: every query of a caller begins
    /// here. EF's query filters do not serve, because a compiled model cannot hold them.
    /// </summary>
    public IQueryable<TRow> Own<TRow>()
        where TRow : class, IOrganizationRow => All<TRow>().Where(row => row.OrganizationId == OrganizationId);

    /// <summary>The rows of all organizations, for the store's own work.</summary>
    public DbSet<TRow> All<TRow>()
        where TRow : class
    {
#pragma warning disable RS0030 // The only place that may call it.
        return Set<TRow>();
#pragma warning restore RS0030
    }

    /// <summary>The direct subtasks of a task of this organization.</summary>
    public IQueryable<BoardTaskRow> SubtasksOf(Guid parent) =>
        OwnOf(Own<SubtaskRow>().Where(edge => edge.ParentId == parent).Join(All<BoardTaskRow>(), edge => edge.ChildId, task => task.Id, (_, task) => task));

    /// <summary>The direct parents of a task of this organization.</summary>
    public IQueryable<BoardTaskRow> ParentsOf(Guid child) =>
        OwnOf(Own<SubtaskRow>().Where(edge => edge.ChildId == child).Join(All<BoardTaskRow>(), edge => edge.ParentId, task => task.Id, (_, task) => task));

    /// <summary>The task executions with this key that are not deleted, the latest first. A null index matches all.</summary>
    public IQueryable<TaskExecutionRow> TaskExecutionsBy(Guid flow, string taskName, int? index) =>
        Own<TaskExecutionRow>()
            .Where(row => row.FlowExecutionId == flow && row.TaskName == taskName && !row.Deleted && (index == null || row.TaskExecutionIndex == index))
            .OrderByDescending(row => row.TaskExecutionIndex);

    /// <summary>The logs of all organizations, the oldest changes first, each log in order of revision.</summary>
    public abstract IQueryable<ChangeRow> LogInOrder();

    /// <summary>The used request ids of all organizations, the oldest first.</summary>
    public abstract IQueryable<RequestRow> RequestsInOrder();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) =>
        ((IDbContextOptionsBuilderInfrastructure)optionsBuilder).AddOrUpdateExtension(Functions);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OrganizationRow>();
        ResourceTables.Map(modelBuilder);
        modelBuilder.Entity<SubtaskRow>();
        modelBuilder.Entity<ChangeRow>();
        modelBuilder.Entity<RequestRow>();
        modelBuilder.Entity<SigningSecretRow>().HasIndex(row => new { row.OrganizationId, row.CreatedAt, row.Id });
        MapKeys(modelBuilder);

        foreach (var row in TableNames.Rows)
        {
            modelBuilder.Entity(row).ToTable(TableNames.Of(row));
        }

        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(TableNames.OfColumn(property.Name));
            }
        }
    }

    /// <summary>Adds a database's own functions to those that all databases share.</summary>
    protected static SqlFunctions Search(Action<SqlFunctions> add)
    {
        var functions = new SqlFunctions();
        RowValues.AddTo(functions);
        add(functions);
        return functions;
    }

    /// <summary>Declares keys and the indexes of single rows. Their first column decides where each database writes.</summary>
    protected abstract void MapKeys(ModelBuilder model);

    /// <summary>Restricts subtasks or parents to this organization, in a form that makes the planner start from the edges.</summary>
    protected abstract IQueryable<BoardTaskRow> OwnOf(IQueryable<BoardTaskRow> neighbours);
}
