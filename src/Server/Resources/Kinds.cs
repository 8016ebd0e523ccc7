using Google.Protobuf;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Resources.BoardTasks;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Resources.MonitorTasks;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>
/// The kinds of resources, one row each: the message, how it is stored, its rules, its service, its calls, and its verbs if they need
/// services.
/// </summary>
internal static class Kinds
{
    private static readonly Row[] Rows =
    [
        new Row<AgentTask, AgentTaskRules>(
            static work => new AgentTaskKind(work),
            new(AgentTaskService.Descriptor, static binder => AgentTaskService.BindService(binder, null)),
            typeof(AgentTaskCalls), typeof(AgentTaskDecisions)),
        new Row<BoardTask, BoardTaskRules>(
            static work => new BoardTaskKind(work),
            new(BoardTaskService.Descriptor, static binder => BoardTaskService.BindService(binder, null)),
            typeof(BoardTaskCalls), typeof(BoardTaskVerbs)),
        new Row<MonitorTask, MonitorTaskRules>(
            static _ => new MonitorTaskKind(),
            new(MonitorTaskService.Descriptor, static binder => MonitorTaskService.BindService(binder, null)),
            typeof(MonitorTaskCalls), typeof(MonitorTaskVerbs)),
        new Row<Delivery, DeliveryRules>(
            static _ => new DeliveryKind(),
            new(DeliveryService.Descriptor, static binder => DeliveryService.BindService(binder, null)),
            typeof(DeliveryCalls), typeof(DeliveryVerbs)),
        new Row<FlowExecution, FlowExecutionRules>(
            static _ => new FlowExecutionKind(),
            new(FlowExecutionService.Descriptor, static binder => FlowExecutionService.BindService(binder, null)),
            typeof(FlowExecutionCalls), typeof(FlowExecutionVerbs)),
        new Row<TaskExecution, TaskExecutionRules>(
            static _ => new TaskExecutionKind(),
            new(TaskExecutionService.Descriptor, static binder => TaskExecutionService.BindService(binder, null)),
            typeof(TaskExecutionCalls), typeof(TaskExecutionVerbs)),
    ];

    /// <summary>How each kind is stored.</summary>
    public static IReadOnlyList<KindDefinition> All { get; } = [.. Rows.Select(row => row.Define(new WorkOptions()))];

    /// <summary>The service of each kind.</summary>
    public static IEnumerable<ServedService> Services => Rows.Select(row => row.Service);

    /// <summary>Adds what serves every kind.</summary>
    public static IServiceCollection AddKinds(this IServiceCollection services)
    {
        foreach (var row in Rows)
        {
            row.AddTo(services);
        }

        return services.AddSingleton<BlockerVerbs>().AddHostedService<Cascades>();
    }

    private abstract class Row(ServedService service)
    {
        public ServedService Service { get; } = service;

        public abstract KindDefinition Define(WorkOptions work);

        public abstract void AddTo(IServiceCollection services);
    }

    private sealed class Row<T, TRules>(Func<WorkOptions, KindDefinition<T>> define, ServedService service, Type calls, Type? verbs = null)
        : Row(service)
        where T : class, IMessage<T>, IResource, new()
        where TRules : ResourceRules<T>
    {
        public override KindDefinition Define(WorkOptions work) => define(work);

        public override void AddTo(IServiceCollection services)
        {
            services
                .AddSingleton(provider => define(provider.GetRequiredService<IOptions<WorkOptions>>().Value))
                .AddSingleton<KindDefinition>(provider => provider.GetRequiredService<KindDefinition<T>>())
                .AddSingleton<ResourceRules<T>, TRules>()
                .AddSingleton<ResourceCalls<T>>()
                .AddSingleton(typeof(ICalls), calls);
            if (verbs is not null)
            {
                services.AddSingleton(verbs);
            }
        }
    }
}
