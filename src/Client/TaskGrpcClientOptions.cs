using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace TaskGrpc.Client;

/// <summary>Where the server is, and how calls behave.</summary>
public sealed class TaskGrpcClientOptions
{
    /// <summary>The server's gRPC address, for example <c>http://127.0.0.1:5080</c>. Required.</summary>
    [Required]
    public Uri? Address { get; set; }

    /// <summary>
    /// Metadata sent with every call, for example <c>x-organization-id</c>, <c>x-actor-id</c> and <c>x-actor-type</c> to a server without
    /// an issuer. Default: none.
    /// </summary>
    public Metadata Metadata { get; set; } = [];

    /// <summary>
    /// Gives the bearer token of every call and of every connection of a watch; it is asked each time, so it is the place to renew one.
    /// Only for https addresses and loopback. Default: null, no token.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? AccessToken { get; set; }

    /// <summary>
    /// How long a unary call may take, with its retries, when it has no deadline of its own; a ListChanges with `wait` may take as long as it
    /// waits on top. Default: 30 s;
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a call is tried in all when the server answers UNAVAILABLE. Default: 5; range 1 (never again) to 10.</summary>
    [Range(1, 10)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>The back-off before the second attempt of a call, or before a watch connects again; it doubles with each further one, with jitter. Default: 100 ms.</summary>
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest back-off. Default: 5 s.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The largest message that is accepted, in bytes. Default: 16 MiB, above what the server sends; a smaller value would refuse
    /// large pages and large changes.
    /// </summary>
    [Range(1024, int.MaxValue)]
    public int MaxReceiveMessageSize { get; set; } = 16 * 1024 * 1024;

    /// <summary>The handler that carries the calls, for proxies and tests. Default: null, one of the client's own with HTTP/2 pings.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Where the transport logs, and where a watch says that it was cut. Default: null, nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock from which request ids and deadlines take their time. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
