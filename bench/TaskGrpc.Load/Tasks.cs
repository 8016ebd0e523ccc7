using System.Globalization;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Load;

/// <summary>Spread data: 200 organizations, random source, queue, assignee and priority, so that no index page is hot.</summary>
internal static class Tasks
{
    public const int Organizations = 200;
    public const int Roles = 10;

    private static readonly string Description = string.Concat(Enumerable.Repeat("lorem ipsum ", 20));

    /// <summary>The callers: one per organization.</summary>
    public static CallOptions[] Callers { get; } = [.. Enumerable.Range(0, Organizations).Select(i => CallerOf(Organization(i)))];

    public static string Organization(int number) => $"organization-{number}";

    public static CallOptions CallerOf(string organizationId) =>
        new(new Metadata { { "x-organization-id", organizationId }, { "x-actor-id", "load" }, { "x-actor-type", "service" } });

    public static string Role(int number) => $"role-{number}";

    /// <summary>A new task as a caller sends it.</summary>
    public static AgentTask New(Random random) => new()
    {
        TaskType = $"queue-{random.Next(10)}",
        SourceType = (SourceType)random.Next(1, 7),
        Title = $"Task {random.Next()}",
        Description = Description,
        AssignedAgentRole = Role(random.Next(Roles)),
        ExecutionMode = ExecutionMode.Hybrid,
        ApprovalPolicy = ApprovalPolicy.AutoExecute,
        Priority = random.Next(200),
    };

    /// <summary>A new task with a value in every indexed field.</summary>
    public static AgentTask Indexed(Random random)
    {
        var task = New(random);
        task.EntityType = "order";
        task.EntityId = random.Next().ToString(CultureInfo.InvariantCulture);
        task.WorkspaceId = $"workspace-{random.Next(10)}";
        task.DueAt = new() { Seconds = 2_000_000_000 + random.Next(100_000_000) };
        return task;
    }

    /// <summary>A new task with a key of its caller's own.</summary>
    public static AgentTask Keyed(Random random)
    {
        var task = New(random);
        task.ExternalKey = Guid.NewGuid().ToString();
        return task;
    }

    /// <summary>A task as the server returns it.</summary>
    public static AgentTask Stored(Random random)
    {
        var task = New(random);
        task.Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        task.OrganizationId = Organization(random.Next(Organizations));
        task.Etag = "0123456789abcdef0123456789abcdef";
        task.Status = AgentTaskStatus.Queued;
        task.WorkspaceVisible = true;
        task.WorkspaceId = task.OrganizationId;
        task.CreatedAt = task.UpdatedAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        return task;
    }
}
