using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Load.Bare;
using TaskGrpc.V1;

namespace TaskGrpc.Load;

/// <summary>The compared event streams, as a client calls them.</summary>
internal static class Streams
{
    private const int EtcdEvents = 11;

    /// <summary>The server's watch.</summary>
    public static Method<WatchRequest, EventCount> Watch { get; } = Counted<WatchRequest>(
        MethodType.ServerStreaming, WatchService.Descriptor.FullName, "Watch", WatchRequest.Parser, WatchResponse.EventsFieldNumber);

    /// <summary>The bare server's stream, which repeats the same bytes.</summary>
    public static Method<Empty, EventCount> Blast { get; } = Counted<Empty>(
        MethodType.ServerStreaming, BareBytes.Service, nameof(BareBytes.Blast), Empty.Parser, WatchResponse.EventsFieldNumber);

    /// <summary>The bare server's stream of published messages.</summary>
    public static Method<Empty, WatchResponse> Follow { get; } = new(MethodType.ServerStreaming, BareBytes.Service,
        nameof(BareBytes.Follow), Marshalled(Empty.Parser), Marshalled(WatchResponse.Parser));

    /// <summary>etcd's watch.</summary>
    public static Method<Etcd.WatchRequest, EventCount> Etcd { get; } =
        Counted(MethodType.DuplexStreaming, "etcdserverpb.Watch", "Watch", global::TaskGrpc.Load.Etcd.WatchRequest.Parser, EtcdEvents);

    public static Marshaller<T> Marshalled<T>(MessageParser<T> parser)
        where T : class, IMessage<T> => Marshallers.Create(message => message.ToByteArray(), parser.ParseFrom);

    private static Method<T, EventCount> Counted<T>(MethodType type, string service, string name, MessageParser<T> parser, int field)
        where T : class, IMessage<T> => new(type, service, name, Marshalled(parser), EventCount.Of(field));
}
