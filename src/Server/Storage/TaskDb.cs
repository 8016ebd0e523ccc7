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

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OrganizationRow>().ToTable("organizations").HasKey(row => row.Id);
        ResourceTables.Map(modelBuilder);

        var subtasks = modelBuilder.Entity<SubtaskRow>().ToTable("board_task_subtasks");
        subtasks.HasKey(row => new { row.ParentId, row.ChildId });
        subtasks.HasIndex(row => row.ChildId);

        var changes = modelBuilder.Entity<ChangeRow>().ToTable("changes");
        changes.HasKey(row => row.Sequence);
        changes.HasIndex(row => new { row.OrganizationId, row.Revision, row.Ordinal }).IsUnique();
        // A resource's timeline. UUIDv7 leads, so that the entries of new resources are appended.
        changes.HasIndex(row => new { row.ResourceId, row.Revision });

        var requests = modelBuilder.Entity<RequestRow>().ToTable("requests");
        requests.HasKey(row => row.Sequence);
        // The client library makes UUIDv7, so leading with the id appends here too.
        requests.HasIndex(row => new { row.RequestId, row.OrganizationId, row.Caller }).IsUnique();

        var secrets = modelBuilder.Entity<SigningSecretRow>().ToTable("signing_secrets");
        secrets.HasKey(row => row.Id);
        secrets.HasIndex(row => new { row.OrganizationId, row.CreatedAt, row.Id });

        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            BindToOrganization(modelBuilder, entity);
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        }
    }

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

    /// <summary>
    /// The organization's filter in a form that no index serves. Given the plain one, SQLite's planner walks all of the
    /// organization's tasks to spare itself the sorting of the few that the edges lead to.
    /// </summary>
    private IQueryable<BoardTaskRow> Own(IQueryable<BoardTaskRow> neighbours) =>
        neighbours.IgnoreQueryFilters().Where(task => task.OrganizationId + "" == OrganizationId);

    public static string SnakeCase(string name) => WordStart().Replace(name, "_$1").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStart();
}
