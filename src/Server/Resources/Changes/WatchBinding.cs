using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace TaskGrpc.Server.Resources.Changes;

/// <summary>
/// Binds WatchService by hand, as the generated code would, but for one thing: what Watch streams are frames of bytes that were
/// serialised once for all watchers, not messages to be serialised for each.
/// </summary>
internal static class WatchBinding
{
    private static readonly Method<WatchRequest, WatchFrame> WatchMethod = new(
        MethodType.ServerStreaming, WatchService.Descriptor.FullName, "Watch", Request(WatchRequest.Parser), WatchFrame.Marshaller);

    private static readonly Method<ListChangesRequest, ListChangesResponse> ListChangesMethod = new(
        MethodType.Unary, WatchService.Descriptor.FullName, "ListChanges", Request(ListChangesRequest.Parser), Request(ListChangesResponse.Parser));

    /// <summary>Read by reflection to find the service's description.</summary>
    public static ServiceDescriptor Descriptor => WatchService.Descriptor;

    /// <summary>Called by reflection when the service is mapped.</summary>
    public static void BindService(ServiceBinderBase binder, WatchServiceBase? service)
    {
        binder.AddMethod(WatchMethod, service is null ? null : new ServerStreamingServerMethod<WatchRequest, WatchFrame>(service.Watch));
        binder.AddMethod(ListChangesMethod, service is null ? null : new UnaryServerMethod<ListChangesRequest, ListChangesResponse>(service.ListChanges));
    }

    private static Marshaller<T> Request<T>(MessageParser<T> parser)
        where T : class, IMessage<T> =>
        Marshallers.Create(
            static (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
}
