using Google.Rpc;
using Grpc.Health.V1;
using Grpc.Reflection;
using TaskGrpc.Server.Calls;
using TaskGrpc.V1;
using EnumDescriptor = Google.Protobuf.Reflection.EnumDescriptor;
using FieldDescriptor = Google.Protobuf.Reflection.FieldDescriptor;
using FileDescriptor = Google.Protobuf.Reflection.FileDescriptor;
using MessageDescriptor = Google.Protobuf.Reflection.MessageDescriptor;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace TaskGrpc.Server.Protocols.Grpc.Reflection;

/// <summary>What reflection describes: the served services and the error details, so that grpcurl can print them.</summary>
internal static class ReflectionSymbols
{
    private static readonly ServiceDescriptor[] Services = [.. ServedContract.Services, Health.Descriptor];

    private static readonly FileDescriptor[] Files = WithImports(
        [.. Services.Select(service => service.File), ErrorDetailsReflection.Descriptor, ErrorReasonReflection.Descriptor]);

    private static readonly Lazy<MessageDescriptor[]> Messages =
        new(() => [.. Files.SelectMany(file => file.MessageTypes).SelectMany(WithNested)]);

    private static readonly Lazy<Dictionary<string, FileDescriptor>> BySymbol = new(DeclaredSymbols);

    public static IEnumerable<string> ServiceNames => Services.Select(service => service.FullName);

    public static SymbolRegistry Registry => SymbolRegistry.FromFiles(Files);

    /// <summary>The name of the file that declares a symbol; null if none does.</summary>
    public static string? FileOf(string symbol) => BySymbol.Value.GetValueOrDefault(symbol)?.Name;

    /// <summary>The name of the file that declares the extension of a message with this number; null if none does.</summary>
    public static string? FileOf(string message, int number) =>
        ExtensionsOf(message).FirstOrDefault(extension => extension.FieldNumber == number)?.File.Name;

    public static bool IsMessage(string name) => Messages.Value.Any(message => message.FullName == name);

    /// <summary>The numbers of all extensions of a message, in order; usually none.</summary>
    public static IEnumerable<int> ExtensionNumbers(string message) =>
        ExtensionsOf(message).Select(extension => extension.FieldNumber).Order();

    private static IEnumerable<FieldDescriptor> ExtensionsOf(string message) => Files
        .SelectMany(file => file.Extensions.UnorderedExtensions)
        .Concat(Messages.Value.SelectMany(inner => inner.Extensions.UnorderedExtensions))
        .Where(extension => extension.ExtendeeType.FullName == message);

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor message) =>
        message.NestedTypes.SelectMany(WithNested).Prepend(message);

    /// <summary>The file of every declared symbol. Grpc.Reflection finds only messages, enums and services, not their members.</summary>
    private static Dictionary<string, FileDescriptor> DeclaredSymbols()
    {
        var symbols = new Dictionary<string, FileDescriptor>();
        void Add(string scope, string name, FileDescriptor file) => symbols.TryAdd(scope.Length > 0 ? $"{scope}.{name}" : name, file);
        void AddEnum(string scope, EnumDescriptor type)
        {
            Add(scope, type.Name, type.File);
            // An enum's values are in the scope of the enum's parent.
            type.Values.ToList().ForEach(value => Add(scope, value.Name, type.File));
        }

        foreach (var file in Files)
        {
            file.EnumTypes.ToList().ForEach(type => AddEnum(file.Package, type));
            file.Extensions.UnorderedExtensions.ToList().ForEach(extension => Add(file.Package, extension.Name, file));
            foreach (var service in file.Services)
            {
                Add(file.Package, service.Name, file);
                service.Methods.ToList().ForEach(method => Add(service.FullName, method.Name, file));
            }
        }

        foreach (var message in Messages.Value)
        {
            symbols.TryAdd(message.FullName, message.File);
            message.EnumTypes.ToList().ForEach(type => AddEnum(message.FullName, type));
            message.Fields.InDeclarationOrder().ToList().ForEach(field => Add(message.FullName, field.Name, message.File));
            message.Oneofs.ToList().ForEach(oneof => Add(message.FullName, oneof.Name, message.File));
            message.Extensions.UnorderedExtensions.ToList().ForEach(extension => Add(message.FullName, extension.Name, message.File));
        }

        return symbols;
    }

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
