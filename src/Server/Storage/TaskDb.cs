using System.Linq.Expressions;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
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

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OrganizationRow>().ToTable("organizations").HasKey(row => row.Id);
        AgentTasks(modelBuilder);
        BoardTaskTable(modelBuilder);

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

        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            BindToOrganization(modelBuilder, entity);
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        }
    }

    private static void AgentTasks(ModelBuilder model)
    {
        var tasks = Resource<AgentTaskRow>(model, "agent_tasks");
        Common(tasks, row => new { row.OrganizationId, row.AssignedAgentRole, row.CreatedAt, row.Id }, row => row.AssignedAgentRole);
        Common(tasks, row => new { row.OrganizationId, row.EntityId, row.CreatedAt, row.Id }, row => row.EntityId);
        Common(tasks, row => new { row.OrganizationId, row.DueAt, row.Id }, row => row.DueAt);
        tasks.HasIndex(row => new { row.OrganizationId, row.WorkspaceId, row.CreatedAt, row.Id });
    }

    private static void BoardTaskTable(ModelBuilder model)
    {
        var tasks = Resource<BoardTaskRow>(model, "board_tasks");
        Common(tasks, row => new { row.OrganizationId, row.AssignedToTypeId, row.CreatedAt, row.Id }, row => row.AssignedToTypeId);
        Common(tasks, row => new { row.OrganizationId, row.AssignedToInstanceId, row.CreatedAt, row.Id }, row => row.AssignedToInstanceId);
        Common(tasks, row => new { row.OrganizationId, row.AssignedToUserId, row.CreatedAt, row.Id }, row => row.AssignedToUserId);
        Common(tasks, row => new { row.OrganizationId, row.CorrelationBucketId, row.CreatedAt, row.Id }, row => row.CorrelationBucketId);
    }

    /// <summary>Carries a filter that is common; only rows that have a value are in it, so that the others cost nothing.</summary>
    private static void Common<TRow>(EntityTypeBuilder<TRow> table, Expression<Func<TRow, object?>> columns, Expression<Func<TRow, object?>> value)
        where TRow : ResourceRow
    {
        var name = value.Body is UnaryExpression { Operand: MemberExpression boxed } ? boxed.Member.Name : ((MemberExpression)value.Body).Member.Name;
        table.HasIndex(columns).HasFilter($"{SnakeCase(name)} IS NOT NULL");
    }

    private static EntityTypeBuilder<TRow> Resource<TRow>(ModelBuilder model, string table)
        where TRow : ResourceRow
    {
        var entity = model.Entity<TRow>().ToTable(table);
        entity.HasKey(row => row.Id);
        // The order of every list that names none, and of each organization's deep pages.
        entity.HasIndex(row => new { row.OrganizationId, row.CreatedAt, row.Id });
        entity.HasIndex(row => new { row.OrganizationId, row.Status, row.CreatedAt, row.Id });
        entity.Property(row => row.Id).ValueGeneratedNever();
        entity.Property(row => row.OrganizationId).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        entity.Property(row => row.CreatedAt).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        return entity;
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

    private static string SnakeCase(string name) => WordStart().Replace(name, "_$1").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStart();
}
