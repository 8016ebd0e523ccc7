using TaskGrpc.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace TaskGrpc.Server.Calls;

/// <summary>What is served of the contract, for reflection, for health and for the tests that hold every call to the same rules.</summary>
internal static class ServedContract
{
    public static IReadOnlyList<ServiceDescriptor> Services { get; } =
    [
        AgentTaskService.Descriptor, BoardTaskService.Descriptor, MonitorTaskService.Descriptor, DeliveryService.Descriptor, SigningSecretService.Descriptor,
        FlowExecutionService.Descriptor, TaskExecutionService.Descriptor, WatchService.Descriptor,
    ];
}
