using System.Text.Json;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;

namespace TaskGrpc.Conformance.Tests.Hosting;

/// <summary>Calls a server with only the descriptors from its reflection.</summary>
public sealed class ReflectedClient
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

    private readonly GrpcChannel _channel;
    private readonly IReadOnlyList<FileDescriptor> _files;
    private readonly CallOptions _options;

    public ReflectedClient(GrpcChannel channel, FileDescriptorSet files, string organization)
    {
        _channel = channel;
        _options = new CallOptions(new Metadata { { "x-organization-id", organization } });
        _files = FileDescriptor.BuildFromByteStrings(Ordered(files).Select(file => Google.Protobuf.MessageExtensions.ToByteString(file)));
    }

    public async Task<ReflectedMessage> CallAsync(string service, string method, string json)
    {
        var description = Method(service, method);
        using var call = _channel.CreateCallInvoker()
            .AsyncUnaryCall(Describe(description, MethodType.Unary), null, _options, Request(description, json));
        return ReflectedMessage.Decode(description.OutputType, await call.ResponseAsync);
    }

    /// <summary>Watches until the given number of events has arrived.</summary>
    public async Task<List<ReflectedMessage>> WatchAsync(string json, int events)
    {
        var description = Method("WatchService", "Watch");
        using var call = _channel.CreateCallInvoker()
            .AsyncServerStreamingCall(Describe(description, MethodType.ServerStreaming), null, _options, Request(description, json));
        var messages = new List<ReflectedMessage>();
        while (messages.Sum(message => message.Messages("events").Count()) < events && await call.ResponseStream.MoveNext(default))
        {
            messages.Add(ReflectedMessage.Decode(description.OutputType, call.ResponseStream.Current));
        }

        return messages;
    }

    private MethodDescriptor Method(string service, string method) =>
        _files.SelectMany(file => file.Services).Single(candidate => candidate.Name == service).FindMethodByName(method);

    private static byte[] Request(MethodDescriptor method, string json) =>
        ReflectedMessage.Encode(method.InputType, JsonDocument.Parse(json).RootElement);

    private static Method<byte[], byte[]> Describe(MethodDescriptor method, MethodType type) =>
        new(type, method.Service.FullName, method.Name, Bytes, Bytes);

    /// <summary>Each file once, after its imports: a descriptor can only be built after those it depends on.</summary>
    private static List<FileDescriptorProto> Ordered(FileDescriptorSet files)
    {
        var byName = files.File.DistinctBy(file => file.Name).ToDictionary(file => file.Name);
        var ordered = new List<FileDescriptorProto>();
        void Add(FileDescriptorProto file)
        {
            if (!ordered.Contains(file))
            {
                file.Dependency.Select(name => byName[name]).ToList().ForEach(Add);
                ordered.Add(file);
            }
        }

        byName.Values.ToList().ForEach(Add);
        return ordered;
    }
}
