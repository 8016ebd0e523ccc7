using TaskGrpc.Server.Resources;
using TaskGrpc.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace TaskGrpc.Server.Calls;

/// <summary>The served services, for the table of calls, reflection and health: those of the kinds, and those of no kind.</summary>
internal static class ServedContract
{
    public static IReadOnlyList<ServedService> All { get; } =
    [
        .. Kinds.Services,
        new(SigningSecretService.Descriptor, static binder => SigningSecretService.BindService(binder, null)),
        new(StatisticsService.Descriptor, static binder => StatisticsService.BindService(binder, null)),
        new(WorkService.Descriptor, static binder => WorkService.BindService(binder, null)),
        new(WatchService.Descriptor, static binder => WatchService.BindService(binder, null)),
    ];

    public static IReadOnlyList<ServiceDescriptor> Services { get; } = [.. All.Select(service => service.Descriptor)];
}
