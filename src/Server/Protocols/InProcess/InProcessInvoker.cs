using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Calls.Limits;

namespace TaskGrpc.Server.Protocols.InProcess;

/// <summary>
/// Runs calls in this process, without a network, for the client library and other protocols. A call sends its credentials in its
/// metadata, and has the same admission, limits and errors as over a connection.
/// </summary>
internal sealed class InProcessInvoker(
    CallTable calls,
    Admission admission,
    Refusals refusals,
    LongestCall longest,
    IOptions<LimitOptions> limits,
    TimeProvider time,
    IHostApplicationLifetime lifetime)
    : CallInvoker
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = Open(method, options);
        var answer = call.AnswerAsync<TResponse>(served => Read(served, request), admission);
        return new AsyncUnaryCall<TResponse>(
            answer,
            static async call =>
            {
                await ((Task)((Answered<TResponse>)call).Answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return [];
            },
            static call => ((Answered<TResponse>)call).Call.GetStatus(),
            static call => ((Answered<TResponse>)call).Call.GetTrailers(),
            static call => ((Answered<TResponse>)call).Call.Dispose(),
            new Answered<TResponse>(call, answer));
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
        return call.GetAwaiter().GetResult();
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = Open(method, options);
        var stream = new InProcessStream<TResponse>(call, served => Read(served, request), admission);
        return new AsyncServerStreamingCall<TResponse>(stream, stream.Headers, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw StreamsRequests(method);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw StreamsRequests(method);

    private InProcessCall Open(IMethod method, CallOptions options)
    {
        var served = calls.Find(method.FullName);
        var call = new InProcessCall(method.FullName, served, options, longest, refusals, time, lifetime.ApplicationStopped);
        if (IsTooMuch(options.Headers))
        {
            call.Refuse(StatusCode.ResourceExhausted, limits.Value.TooMuchMetadata);
        }
        else if (served is null)
        {
            call.Refuse(StatusCode.Unimplemented, CallTable.NoSuchCall);
        }

        return call;
    }

    /// <summary>Copies a request through the wire format: the caller may change its own, and bad data fails as over a network.</summary>
    private IMessage Read<TRequest>(ServedCall served, TRequest request)
    {
        var message = (IMessage)request!;
        if (message.CalculateSize() > limits.Value.RequestBytes)
        {
            throw new RpcException(
                new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size."));
        }

        // The request of a brief call has only an id, which always parses.
        return served.Handler.IsBrief
            ? (IMessage)((IDeepCloneable<TRequest>)request!).Clone()!
            : served.Read(new ReadOnlySequence<byte>(message.ToByteArray()));
    }

    private bool IsTooMuch(Metadata? headers)
    {
        var bytes = 0;
        foreach (var entry in headers ?? [])
        {
            bytes += entry.Key.Length + (entry.IsBinary ? entry.ValueBytes.Length : entry.Value.Length) + LimitOptions.MetadataOverhead;
        }

        return limits.Value.IsTooMuchMetadata(headers?.Count ?? 0, bytes);
    }

    private static NotSupportedException StreamsRequests(IMethod method) =>
        new($"{method.FullName} streams requests, which no call of TaskGrpc does.");

    private sealed record Answered<T>(InProcessCall Call, Task<T> Answer);
}
