using Google.Rpc;
using Grpc.Health.V1;
using Grpc.Reflection;
using TaskGrpc.V1;
using FileDescriptor = Google.Protobuf.Reflection.FileDescriptor;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace TaskGrpc.Server.Hosting;

/// <summary>What reflection describes: the services that are served, and the error details, so that grpcurl can print them.</summary>
internal static class ReflectionSymbols
{
    private static readonly ServiceDescriptor[] Services = [.. ServedContract.Services, Health.Descriptor];

    private static readonly FileDescriptor[] Files = WithImports(
        [.. Services.Select(service => service.File), ErrorDetailsReflection.Descriptor, ErrorReasonReflection.Descriptor]);

    public static IEnumerable<string> ServiceNames => Services.Select(service => service.FullName);

    public static SymbolRegistry Registry => SymbolRegistry.FromFiles(Files);

    /// <summary>Whether a message of this name is described.</summary>
    public static bool IsMessage(string name) => Files.Any(file => file.MessageTypes.Any(message => message.FullName == name));

    /// <summary>The numbers of all extensions of a message, in order; mostly none.</summary>
    public static IEnumerable<int> ExtensionNumbers(string message) => Files
        .SelectMany(file => file.Extensions.UnorderedExtensions)
        .Where(extension => extension.ExtendeeType.FullName == message)
        .Select(extension => extension.FieldNumber)
        .Order();

    private static FileDescriptor[] WithImports(IEnumerable<FileDescriptor> files)
    {
        var all = new Dictionary<string, FileDescriptor>();
        void Add(FileDescriptor file)
        {
            if (all.TryAdd(file.Name, file))
            {
                file.Dependencies.ToList().ForEach(Add);
            }
        }

        files.ToList().ForEach(Add);
        return [.. all.Values];
    }
}
