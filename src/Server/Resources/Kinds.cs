using Google.Protobuf;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Resources.BoardTasks;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.FlowExecutions;
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
        new Row<AgentTask, AgentTaskKind, AgentTaskRules>(
            new(AgentTaskService.Descriptor, static binder => AgentTaskService.BindService(binder, null)),
            typeof(AgentTaskCalls)),
        new Row<BoardTask, BoardTaskKind, BoardTaskRules>(
            new(BoardTaskService.Descriptor, static binder => BoardTaskService.BindService(binder, null)),
            typeof(BoardTaskCalls), typeof(BoardTaskVerbs)),
        new Row<MonitorTask, MonitorTaskKind, MonitorTaskRules>(
            new(MonitorTaskService.Descriptor, static binder => MonitorTaskService.BindService(binder, null)),
            typeof(MonitorTaskCalls), typeof(MonitorTaskVerbs)),
        new Row<Delivery, DeliveryKind, DeliveryRules>(
            new(DeliveryService.Descriptor, static binder => DeliveryService.BindService(binder, null)),
            typeof(DeliveryCalls), typeof(DeliveryVerbs)),
        new Row<FlowExecution, FlowExecutionKind, FlowExecutionRules>(
            new(FlowExecutionService.Descriptor, static binder => FlowExecutionService.BindService(binder, null)),
            typeof(FlowExecutionCalls), typeof(FlowExecutionVerbs)),
        new Row<TaskExecution, TaskExecutionKind, TaskExecutionRules>(
            new(TaskExecutionService.Descriptor, static binder => TaskExecutionService.BindService(binder, null)),
            typeof(TaskExecutionCalls), typeof(TaskExecutionVerbs)),
    ];

    /// <summary>How each kind is stored.</summary>
    public static IReadOnlyList<KindDefinition> All { get; } = [.. Rows.Select(row => row.Definition)];

    /// <summary>The service of each kind.</summary>
    public static IEnumerable<ServedService> Services => Rows.Select(row => row.Service);

    /// <summary>Adds what serves every kind.</summary>
    public static IServiceCollection AddKinds(this IServiceCollection services)
    {
        foreach (var row in Rows)
        {
            row.AddTo(services);
        }

        return services.AddHostedService<Cascades>();
    }

    private abstract class Row(ServedService service, KindDefinition definition)
    {
        public ServedService Service { get; } = service;

        public KindDefinition Definition { get; } = definition;

        public abstract void AddTo(IServiceCollection services);
    }

    private sealed class Row<T, TKind, TRules>(ServedService service, Type calls, Type? verbs = null) : Row(service, new TKind())
        where T : class, IMessage<T>, IResource, new()
        where TKind : KindDefinition<T>, new()
        where TRules : ResourceRules<T>
    {
        public override void AddTo(IServiceCollection services)
        {
            services
                .AddSingleton((KindDefinition<T>)Definition)
                .AddSingleton(Definition)
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
