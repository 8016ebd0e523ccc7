using Google.Protobuf;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Resources.BoardTasks;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>The kinds that workers can claim.</summary>
internal static class WorkServices
{
    public static IServiceCollection AddWork(this IServiceCollection services) => services
        .AddClaimable<AgentTask, AgentTaskWork>()
        .AddClaimable<BoardTask, BoardTaskWork>()
        .AddClaimable<TaskExecution, TaskExecutionWork>()
        // For the kinds that nobody can claim.
        .AddSingleton(typeof(Fence<>))
        .AddSingleton<WaitingClaims>()
        .AddSingleton<HolderGrace>().AddHostedService(provider => provider.GetRequiredService<HolderGrace>())
        .AddSingleton<ICalls, WorkCalls>()
        .AddHostedService<LeaseExpiry>()
        .AddHostedService<NotBeforeEnd>()
        .AddHostedService<OverdueMarks>()
        .AddHostedService<ApprovalExpiry>();

    private static IServiceCollection AddClaimable<T, TWork>(this IServiceCollection services)
        where T : class, IMessage<T>, IClaimable, new()
        where TWork : Workable<T> => services
        .AddSingleton<Workable<T>, TWork>()
        .AddSingleton<LeaseFence<T>>()
        .AddSingleton<Fence<T>>(provider => provider.GetRequiredService<LeaseFence<T>>())
        .AddSingleton<ClaimVerbs<T>>()
        .AddSingleton<HoldVerbs<T>>()
        .AddSingleton<KindWork, KindWork<T>>();
}
