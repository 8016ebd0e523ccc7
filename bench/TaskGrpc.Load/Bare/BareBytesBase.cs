using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Bare;

/// <summary>The calls that answer with stored bytes. Bound by hand, because the generated code would serialize each answer.</summary>
[BindServiceMethod(typeof(BareBytesBase), nameof(BindService))]
internal abstract class BareBytesBase
{
    public const string Service = "taskgrpc.load.BareBytes";

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);
    private static readonly Method<Empty, byte[]> BlastMethod =
        new(MethodType.ServerStreaming, Service, nameof(Blast), Streams.Marshalled(Empty.Parser), Bytes);
    private static readonly Method<Empty, byte[]> FollowMethod =
        new(MethodType.ServerStreaming, Service, nameof(Follow), Streams.Marshalled(Empty.Parser), Bytes);
    private static readonly Method<BareListRequest, byte[]> ListMethod =
        new(MethodType.Unary, Service, nameof(List), Streams.Marshalled(BareListRequest.Parser), Bytes);

    /// <summary>The client's side of a list.</summary>
    public static Method<BareListRequest, ListAgentTasksResponse> Listed { get; } = new(MethodType.Unary, Service, nameof(List),
        Streams.Marshalled(BareListRequest.Parser), Streams.Marshalled(ListAgentTasksResponse.Parser));

    /// <summary>gRPC calls this by reflection when it maps the service.</summary>
    public static void BindService(ServiceBinderBase binder, BareBytesBase? service)
    {
        binder.AddMethod(BlastMethod, service is null ? null : new ServerStreamingServerMethod<Empty, byte[]>(service.Blast));
        binder.AddMethod(FollowMethod, service is null ? null : new ServerStreamingServerMethod<Empty, byte[]>(service.Follow));
        binder.AddMethod(ListMethod, service is null ? null : new UnaryServerMethod<BareListRequest, byte[]>(service.List));
    }

    public abstract Task Blast(Empty request, IServerStreamWriter<byte[]> stream, ServerCallContext context);

    public abstract Task Follow(Empty request, IServerStreamWriter<byte[]> stream, ServerCallContext context);

    public abstract Task<byte[]> List(BareListRequest request, ServerCallContext context);
}
