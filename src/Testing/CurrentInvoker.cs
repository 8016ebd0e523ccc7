using System.Globalization;
using Grpc.Core;

namespace TaskGrpc.Testing;

/// <summary>
/// Carries calls to the server of the moment, so that clients outlast a restart. Between two servers calls end UNAVAILABLE. The server is
/// built for the invariant culture, and the culture of a test's thread would flow into it.
/// </summary>
internal sealed class CurrentInvoker : CallInvoker
{
    private volatile CallInvoker? _server;

    /// <summary>What carries the calls now; null while the server is stopped.</summary>
    public CallInvoker? Server
    {
        get => _server;
        set => _server = value;
    }

    private static RpcException Stopped => new(new Status(StatusCode.Unavailable, "The test server is stopped."));

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        _server is { } server ? Invariant(() => server.AsyncUnaryCall(method, host, options, request)) : new(
            Task.FromException<TResponse>(Stopped), Task.FromResult<Metadata>([]), () => Stopped.Status, () => [], () => { });

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        Invariant(() => (_server ?? throw Stopped).BlockingUnaryCall(method, host, options, request));

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        _server is { } server ? Invariant(() => server.AsyncServerStreamingCall(method, host, options, request)) : new(
            new NoStream<TResponse>(), Task.FromResult<Metadata>([]), () => Stopped.Status, () => [], () => { });

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        (_server ?? throw Stopped).AsyncClientStreamingCall(method, host, options);

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        (_server ?? throw Stopped).AsyncDuplexStreamingCall(method, host, options);

    /// <summary>Runs something in the invariant culture, with all that it starts.</summary>
    public static T Invariant<T>(Func<T> run)
    {
        var own = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return run();
        }
        finally
        {
            CultureInfo.CurrentCulture = own;
        }
    }

    private sealed class NoStream<T> : IAsyncStreamReader<T>
    {
        public T Current => throw new InvalidOperationException("The stream has no message.");

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromException<bool>(Stopped);
    }
}
