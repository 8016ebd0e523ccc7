using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace TaskGrpc.Client;

/// <summary>Where the server is, and how calls behave.</summary>
public sealed class TaskGrpcClientOptions
{
    /// <summary>
    /// The server's gRPC address, for example <c>http://127.0.0.1:5080</c>: absolute, http or https, without a path. Required, but
    /// for a client over an invoker of the program's own.
    /// </summary>
    [Required]
    [ServerAddress]
    public Uri? Address { get; set; }

    /// <summary>
    /// Metadata sent with every call, for example <c>x-organization-id</c>, <c>x-actor-id</c> and <c>x-actor-type</c> to a server without
    /// an issuer. Default: none; null is refused.
    /// </summary>
    [Required]
    public Metadata Metadata { get; set; } = [];

    /// <summary>
    /// Gives the bearer token of every attempt of a call and of every connection of a watch; it is asked each time, so it is the place to
    /// keep one and renew it. It runs on the thread pool, and its token is cancelled with the call and at the call's deadline. If it
    /// throws, or returns null or an empty token, the call is UNAUTHENTICATED and not retried; a watch that has stood asks again after a while.
    /// Only for https addresses and loopback. Default: null, no token.
    /// </summary>
    [TokenTransport]
    public Func<CancellationToken, ValueTask<string>>? AccessToken { get; set; }

    /// <summary>
    /// How long a unary call may take, with its retries, when it has no deadline of its own; a ListChanges with `wait` may take as long as
    /// it waits on top. Default: 30 s; range 1 ms to 24 days, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    [Duration(1)]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often a call is tried in all while the server is UNAVAILABLE. Default: null, until its deadline, so that a call outlasts a
    /// restart of the server; without a deadline until it is cancelled. Range: 1 (never again) to 10.
    /// </summary>
    [Range(1, 10)]
    public int? MaxAttempts { get; set; }

    /// <summary>
    /// The back-off before the second attempt of a call, or before a watch connects again; it doubles with each further one, with jitter.
    /// Default: 100 ms; range 1 ms to 24 days.
    /// </summary>
    [Duration(1, IsFinite = true)]
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The longest back-off, and how long a connection of a watch must stand before the back-off begins anew. Default: 5 s; range 1 ms to
    /// 24 days.
    /// </summary>
    [Duration(1, IsFinite = true)]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often an update with a delegate, such as <see cref="TaskGrpcClient.UpdateAgentTaskAsync"/>, is tried in all when other changes come
    /// between its read and its update (ETAG_MISMATCH). Default: 10; range 1 (no repetition) to 100.
    /// </summary>
    [Range(1, 100)]
    public int MaxUpdateAttempts { get; set; } = 10;

    /// <summary>
    /// The largest message that is accepted, in bytes. Default: 16 MiB, above what the server sends; a smaller value would refuse
    /// large pages and large changes.
    /// </summary>
    [Range(1024, int.MaxValue)]
    public int MaxReceiveMessageSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// A handler of the program's own that carries the calls, for tests and special transports. The client does not dispose it. A
    /// <see cref="SocketsHttpHandler"/> must have <see cref="SocketsHttpHandler.EnableMultipleHttp2Connections"/>, since watches beyond the
    /// server's streams per connection would wait without a word; and only with pings of its own does it find a server that hangs. Default:
    /// null, one of the client's own with HTTP/2 pings.
    /// </summary>
    [MultiplexedHandler]
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>
    /// Sets something on the client's own handler before its first use: a proxy, certificates, pings. Not together with
    /// <see cref="HttpHandler"/>. Default: null, nothing.
    /// </summary>
    public Action<SocketsHttpHandler>? ConfigureHandler { get; set; }

    /// <summary>
    /// Where the client logs: one warning when watches are cut and one line when they stand again; the transport's own lines at debug
    /// level. Default: null, nowhere.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock from which request ids, deadlines and back-off take their time. Default: the system's.</summary>
    [Required]
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>A copy for one client, whose calls all share its metadata.</summary>
    internal TaskGrpcClientOptions Copy()
    {
        var copy = (TaskGrpcClientOptions)MemberwiseClone();
        // Null is refused afterwards, with everything else that is wrong.
        copy.Metadata = Metadata is null ? null! : ClientState.Copy(Metadata);
        return copy;
    }
}
