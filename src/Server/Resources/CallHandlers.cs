using Google.Protobuf;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Resources;

/// <summary>What handles each call. A call is known by its request, since no two calls of the contract take the same.</summary>
internal sealed class CallHandlers
{
    private readonly Dictionary<Type, CallHandler> _handlers = [];

    /// <summary>What handles a call; null if nothing does.</summary>
    public CallHandler? Find(Type request, Type response) =>
        _handlers.GetValueOrDefault(request) is { } handler && handler.Response == response ? handler : null;

    /// <summary>A call that answers with a message.</summary>
    public CallHandlers Add<TRequest, TResponse>(Func<TRequest, Call, Task<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => Add(typeof(TRequest), Answering(handle));

    /// <summary>A call that counts: the server ends it sooner than others.</summary>
    public CallHandlers AddCount<TRequest, TResponse>(Func<TRequest, Call, Task<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => Add(typeof(TRequest), Answering(handle) with { IsCount = true });

    /// <summary>A call that answers with stored bytes.</summary>
    public CallHandlers AddStored<TRequest, TResponse>(Func<TRequest, Call, Task<StoredAnswer<TResponse>>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new() => Add(typeof(TRequest), Stored(handle));

    /// <summary>A call that reads one resource by its id: one step along an index, which needs no limit of time.</summary>
    public CallHandlers AddGet<TRequest, TResponse>(Func<TRequest, Call, Task<StoredAnswer<TResponse>>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new() => Add(typeof(TRequest), Stored(handle) with { IsBrief = true });

    /// <summary>A call that streams.</summary>
    public CallHandlers AddStream<TRequest, TResponse>(Func<TRequest, Call, IWatchSink, Task> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        Add(typeof(TRequest), new CallHandler(typeof(TResponse)) { Stream = (request, call, sink) => handle((TRequest)request, call, sink) });

    private static CallHandler Answering<TRequest, TResponse>(Func<TRequest, Call, Task<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        new(typeof(TResponse)) { Answer = async (request, call) => new MessageAnswer<TResponse>(await handle((TRequest)request, call)) };

    private static CallHandler Stored<TRequest, TResponse>(Func<TRequest, Call, Task<StoredAnswer<TResponse>>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new() =>
        new(typeof(TResponse)) { Answer = async (request, call) => await handle((TRequest)request, call) };

    private CallHandlers Add(Type request, CallHandler handler)
    {
        _handlers.Add(request, handler);
        return this;
    }
}
