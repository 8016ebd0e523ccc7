using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Micro;

/// <summary>The benchmarks' data: tasks of 200 organizations with the usual fields.</summary>
internal static class Samples
{
    private static readonly string Description = string.Concat(Enumerable.Repeat("lorem ipsum ", 20));

    public static Caller CallerOf(int number) => new($"organization-{number % 200}", new Actor { Type = ActorType.Service, Id = "bench" });

    public static AgentTask NewTask(int number) => new()
    {
        TaskType = "refund",
        SourceType = SourceType.Event,
        Title = $"Refund order {number}",
        Description = Description,
        AssignedAgentRole = $"role-{number % 10}",
        ExecutionMode = ExecutionMode.Hybrid,
        ApprovalPolicy = ApprovalPolicy.AutoExecute,
        Status = AgentTaskStatus.Queued,
        Priority = number % 200,
        WorkspaceVisible = true,
        WorkspaceId = CallerOf(number).OrganizationId,
    };

    /// <summary>A task as it is stored.</summary>
    public static AgentTask StoredTask(int number)
    {
        var task = NewTask(number);
        var now = TimeProvider.System.GetUtcNow();
        task.Id = Guid.CreateVersion7(now).ToString();
        task.OrganizationId = task.WorkspaceId;
        task.Etag = "0123456789abcdef0123456789abcdef";
        task.CreatedAt = task.UpdatedAt = Timestamp.FromDateTimeOffset(now);
        return task;
    }
}
