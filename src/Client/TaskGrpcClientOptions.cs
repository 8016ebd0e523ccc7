using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace TaskGrpc.Client;

/// <summary>Where the server is, and how calls behave.</summary>
public sealed class TaskGrpcClientOptions
{
    /// <summary>
    /// The server's gRPC address, for example <c>http://127.0.0.1:5080</c>: absolute, http or https, without a path. Required, except for
    /// a client over an invoker of your own.
    /// </summary>
    [Required]
    [ServerAddress]
    public Uri? Address { get; set; }

    /// <summary>
    /// Metadata sent with every call, for example <c>x-organization-id</c>, <c>x-actor-id</c> and <c>x-actor-type</c> to a server without
    /// an issuer. Default: none. Not null.
    /// </summary>
    [Required]
    public Metadata Metadata { get; set; } = [];

    /// <summary>
    /// Returns the bearer token for each attempt of a call and each connection of a watch. The client keeps no token: keep and renew it
    /// here. It runs on the thread pool; its cancellation token is cancelled with the call and at the call's deadline. If it throws, or
    /// returns null or an empty token, the call fails with UNAUTHENTICATED without a retry; a watch that was connected before calls it
    /// again after a back-off. Only for https addresses and loopback. Default: null, no token.
    /// </summary>
    [TokenTransport]
    public Func<CancellationToken, ValueTask<string>>? AccessToken { get; set; }

    /// <summary>
    /// How long a unary call without a deadline of its own may take, retries included. A ListChanges with `wait` may take that time on
    /// top; a ClaimNext with `wait` may take that time and 10 s, whatever this option says. Default: 30 s; range 1 ms to 24 days, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    [Duration(1)]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many attempts a call has in all while the server is UNAVAILABLE. Default: null, until the call's deadline, so that it survives
    /// a restart of the server; without a deadline, until it is cancelled. Range: 1 (no retry) to 10.
    /// </summary>
    [Range(1, 10)]
    public int? MaxAttempts { get; set; }

    /// <summary>
    /// The back-off before the second attempt of a call or the second connection of a watch. It doubles each time, with jitter.
    /// Default: 100 ms; range 1 ms to 24 days.
    /// </summary>
    [Duration(1, IsFinite = true)]
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The longest back-off, and how long a connection of a watch must last before the back-off begins anew. Default: 5 s; range 1 ms to
    /// 24 days.
    /// </summary>
    [Duration(1, IsFinite = true)]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often the client tries an update with a delegate, such as <see cref="TaskGrpcClient.UpdateAgentTaskAsync"/>, if other changes
    /// come between its read and its update (ETAG_MISMATCH). Default: 10; range 1 (no repetition) to 100.
    /// </summary>
    [Range(1, 100)]
    public int MaxUpdateAttempts { get; set; } = 10;

    /// <summary>
    /// The largest message that the client accepts, in bytes. Default: 16 MiB, more than the server sends. A smaller value can refuse
    /// large pages and large changes.
    /// </summary>
    [Range(1024, int.MaxValue)]
    public int MaxReceiveMessageSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// A handler of your own that carries the calls, for tests and special transports. The client does not dispose it. A <see
    /// cref="SocketsHttpHandler"/> must have <see cref="SocketsHttpHandler.EnableMultipleHttp2Connections"/>; otherwise watches beyond the
    /// server's streams per connection wait without an error. Without pings it does not notice a server that hangs. Default: null, a
    /// handler of the client with HTTP/2 pings.
    /// </summary>
    [MultiplexedHandler]
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>
    /// Changes the client's own handler before its first use: a proxy, certificates, pings. Not together with <see cref="HttpHandler"/>.
    /// Default: null.
    /// </summary>
    public Action<SocketsHttpHandler>? ConfigureHandler { get; set; }

    /// <summary>
    /// Where the client logs: one warning when watches are cut, one line when they are connected again, and the transport's own lines at
    /// debug level. Default: null, no log.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock of request ids, deadlines and back-off. Default: the system's.</summary>
    [Required]
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>A copy for one client, whose calls all share its metadata.</summary>
    internal TaskGrpcClientOptions Copy()
    {
        var copy = (TaskGrpcClientOptions)MemberwiseClone();
        // The validation after this refuses null, together with the other errors.
        copy.Metadata = Metadata is null ? null! : ClientState.Copy(Metadata);
        return copy;
    }
}
