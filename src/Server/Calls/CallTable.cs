using System.Collections.Frozen;
using Grpc.Core;
using TaskGrpc.Server.Resources;
using TaskGrpc.Server.Storage;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace TaskGrpc.Server.Calls;

/// <summary>Every served call, for all protocols, collected from the services' generated bindings.</summary>
internal sealed class CallTable
{
    public const string NoSuchCall = "This server has no such method. Check the path and its case; reflection lists the services.";

    private readonly FrozenDictionary<string, ServedCall> _calls;

    /// <exception cref="RefusedToStartException">A call has no handler or no scope.</exception>
    public CallTable(IEnumerable<ServedService> services, IEnumerable<ICalls> kinds)
    {
        var handlers = new CallHandlers();
        foreach (var kind in kinds)
        {
            kind.AddTo(handlers);
        }

        var calls = new Dictionary<string, ServedCall>();
        foreach (var service in services)
        {
            service.Bind(new Binder(service.Descriptor, handlers, calls));
        }

        _calls = calls.ToFrozenDictionary();
    }

    public IEnumerable<ServedCall> All => _calls.Values;

    /// <summary>The call with this path; null if there is none.</summary>
    public ServedCall? Find(string path) => _calls.GetValueOrDefault(path);

    private sealed class Binder(ServiceDescriptor service, CallHandlers handlers, Dictionary<string, ServedCall> calls) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            Add(method, typeof(TRequest), typeof(TResponse));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            Add(method, typeof(TRequest), typeof(TResponse));

        private void Add(IMethod method, Type request, Type response)
        {
            var isStream = method.Type == MethodType.ServerStreaming;
            var handler = handlers.Find(request, response);
            if (handler is null || isStream != handler.Stream is not null)
            {
                throw new RefusedToStartException($"{method.FullName} has no handler. Add one to the calls of its kind.");
            }

            calls.Add(method.FullName, new ServedCall(method, service.FindMethodByName(method.Name), handler));
        }
    }
}
