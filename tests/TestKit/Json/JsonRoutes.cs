using Google.Api;
using Google.Protobuf.Reflection;
using TaskGrpc.V1;

namespace TaskGrpc.TestKit.Json;

/// <summary>The HTTP routes of all calls, read from the annotations without the server's code.</summary>
internal static class JsonRoutes
{
    private static readonly Dictionary<string, HttpRule> Rules =
        ((FileDescriptor[])
            [WatchReflection.Descriptor, WorkReflection.Descriptor, StatisticsReflection.Descriptor, SigningSecretReflection.Descriptor])
            .SelectMany(WithImports).Distinct().SelectMany(file => file.Services).SelectMany(service => service.Methods)
            .ToDictionary(method => $"/{method.Service.FullName}/{method.Name}",
                method => method.GetOptions().GetExtension(AnnotationsExtensions.Http));

    public static HttpRule Of(string call) => Rules[call];

    private static IEnumerable<FileDescriptor> WithImports(FileDescriptor file) => file.Dependencies.SelectMany(WithImports).Prepend(file);
}
