using System.Reflection;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources;
using TaskGrpc.Server.Resources.Requests;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>
/// Binds services as the framework would, but for two things. Bytes that are no request of the call get a refusal like any other: the
/// framework reads requests before any interceptor runs, and would answer UNKNOWN and log an error of ours. And a method may answer
/// with a <see cref="ResourcePage"/> or a <see cref="StoredResource"/>, the bytes of the response that the contract names.
/// </summary>
internal sealed class GuardedServices<TService> : IServiceMethodProvider<TService>
    where TService : class
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context)
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is { } bind)
            {
                bind.BindType.GetMethod(bind.BindMethodName, [typeof(ServiceBinderBase), type])!.Invoke(null, [new Binder(context), null]);
                return;
            }
        }

        throw new InvalidOperationException($"{typeof(TService).Name} is no gRPC service.");
    }

    private static Method<TRequest, TResponse> Guarded<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class => Guarded(method, method.ResponseMarshaller);

    private static Method<TRequest, TAnswer> Guarded<TRequest, TResponse, TAnswer>(Method<TRequest, TResponse> method, Marshaller<TAnswer> answers)
        where TRequest : class
        where TResponse : class
        where TAnswer : class
    {
        var read = method.RequestMarshaller.ContextualDeserializer;
        var guarded = new Marshaller<TRequest>(method.RequestMarshaller.ContextualSerializer, context =>
        {
            try
            {
                return read(context);
            }
            catch (InvalidProtocolBufferException)
            {
                var tooDeep = DepthCheck.FaultOf((IMessage)Activator.CreateInstance<TRequest>(), context.PayloadAsNewBuffer());
                throw FaultStatus.Of(tooDeep ?? Unreadable<TRequest>()).ToRpcException();
            }
        });
        return new Method<TRequest, TAnswer>(method.Type, method.ServiceName, method.Name, guarded, answers);
    }

    private static Fault Unreadable<TRequest>() => new(
        ErrorReason.InvalidField,
        $"The bytes of the request are no {typeof(TRequest).Name}, or its data nests hundreds of levels deep. "
        + "Make the client from this server's protos; reflection has them.");

    private sealed class Binder(ServiceMethodProviderContext<TService> context) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
        {
            var answer = Handler(method).ReturnType;
            if (answer == typeof(Task<ResourcePage>))
            {
                Add(method, ResourcePage.Marshaller);
            }
            else if (answer == typeof(Task<StoredResource>))
            {
                Add(method, StoredResource.Marshaller);
            }
            else
            {
                Add(method, method.ResponseMarshaller);
            }
        }

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddServerStreamingMethod(Guarded(method), Metadata(method), Invoker<ServerStreamingServerMethod<TService, TRequest, TResponse>>(method));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddClientStreamingMethod(Guarded(method), Metadata(method), Invoker<ClientStreamingServerMethod<TService, TRequest, TResponse>>(method));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddDuplexStreamingMethod(Guarded(method), Metadata(method), Invoker<DuplexStreamingServerMethod<TService, TRequest, TResponse>>(method));

        private void Add<TRequest, TResponse, TAnswer>(Method<TRequest, TResponse> method, Marshaller<TAnswer> answers)
            where TRequest : class
            where TResponse : class
            where TAnswer : class => context.AddUnaryMethod(Guarded(method, answers), Metadata(method), Invoker<UnaryServerMethod<TService, TRequest, TAnswer>>(method));

        private static MethodInfo Handler(IMethod method) =>
            typeof(TService).GetMethod(method.Name) ?? throw new InvalidOperationException($"{typeof(TService).Name} has no {method.Name}.");

        private static TDelegate Invoker<TDelegate>(IMethod method)
            where TDelegate : Delegate => Handler(method).CreateDelegate<TDelegate>();

        private static List<object> Metadata(IMethod method) =>
        [
            .. typeof(TService).GetCustomAttributes(inherit: true),
            .. Handler(method).GetCustomAttributes(inherit: true),
            new HttpMethodMetadata(["POST"], acceptCorsPreflight: true),
        ];
    }
}
