using Grpc.Core;
using TaskGrpc.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace TaskGrpc.Server.Calls;

/// <summary>The served services, for the table of calls, reflection and health.</summary>
internal static class ServedContract
{
    public static IReadOnlyList<ServedService> All { get; } =
    [
        new(AgentTaskService.Descriptor, static binder => AgentTaskService.BindService(binder, null)),
        new(BoardTaskService.Descriptor, static binder => BoardTaskService.BindService(binder, null)),
        new(MonitorTaskService.Descriptor, static binder => MonitorTaskService.BindService(binder, null)),
        new(DeliveryService.Descriptor, static binder => DeliveryService.BindService(binder, null)),
        new(SigningSecretService.Descriptor, static binder => SigningSecretService.BindService(binder, null)),
        new(FlowExecutionService.Descriptor, static binder => FlowExecutionService.BindService(binder, null)),
        new(TaskExecutionService.Descriptor, static binder => TaskExecutionService.BindService(binder, null)),
        new(StatisticsService.Descriptor, static binder => StatisticsService.BindService(binder, null)),
        new(WatchService.Descriptor, static binder => WatchService.BindService(binder, null)),
    ];

    public static IReadOnlyList<ServiceDescriptor> Services { get; } = [.. All.Select(service => service.Descriptor)];
}

/// <summary>A service of the contract, with the generated code that adds its calls to a binder.</summary>
internal sealed record ServedService(ServiceDescriptor Descriptor, Action<ServiceBinderBase> Bind);
