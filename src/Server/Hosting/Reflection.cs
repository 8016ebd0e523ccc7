using FileDescriptor = Google.Protobuf.Reflection.FileDescriptor;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;
using Google.Rpc;
using Grpc.Health.V1;
using Grpc.Reflection;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Hosting;

/// <summary>Reflection over the services that are served, and over the error details, so that grpcurl can print them.</summary>
internal static class Reflection
{
    private static readonly ServiceDescriptor[] Services = [AgentTaskService.Descriptor, BoardTaskService.Descriptor, WatchService.Descriptor, Health.Descriptor];

    private static readonly FileDescriptor[] Extras = [ErrorDetailsReflection.Descriptor, ErrorReasonReflection.Descriptor];

    public static IServiceCollection AddReflection(this IServiceCollection services)
    {
        // Added before AddGrpcReflection, which would otherwise describe the mapped services alone.
        services.AddSingleton(new ReflectionServiceImpl(Names, Symbols));
        services.AddSingleton(new ReflectionV1ServiceImpl(Names, Symbols));
        return services.AddGrpcReflection();
    }

    private static IEnumerable<string> Names => Services.Select(service => service.FullName);

    private static SymbolRegistry Symbols => SymbolRegistry.FromFiles(Services.Select(service => service.File).Concat(Extras));
}
