using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Protocols.Grpc.Frames;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Hosting;

/// <summary>Tells Kestrel and gRPC what a connection and a call may bring.</summary>
internal sealed class TransportLimits(IOptions<LimitOptions> options, IOptions<WatchOptions> watches)
    : IConfigureOptions<KestrelServerOptions>, IConfigureOptions<GrpcServiceOptions>
{
    /// <summary>How far Kestrel's limits of a call's head stand above ours.</summary>
    private const int KestrelFactor = 4;

    public void Configure(KestrelServerOptions kestrel)
    {
        var limits = options.Value;
        kestrel.Limits.MaxConcurrentConnections = limits.Connections;
        // Beyond its own limits Kestrel may end the connection, with all its watches. Up to these, CallGate refuses the one call.
        kestrel.Limits.MaxRequestHeadersTotalSize = KestrelFactor * limits.MetadataBytes;
        kestrel.Limits.MaxRequestHeaderCount = KestrelFactor * LimitOptions.MetadataEntries;
        // One header may be all of it: a token is often most of what a call brings.
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = KestrelFactor * limits.MetadataBytes;
        kestrel.Limits.Http2.MaxStreamsPerConnection = limits.StreamsPerConnection ?? (2 * watches.Value.MaxOpenPerCaller);
        kestrel.Limits.KeepAliveTimeout = limits.IdleConnection;
        // A dead peer is invisible without pings.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(20);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        // It would cut the whole connection for one stream whose reader pauses; a watch has a write timeout of its own.
        kestrel.Limits.MinResponseDataRate = null;
    }

    public void Configure(GrpcServiceOptions grpc)
    {
        var most = options.Value.RequestBytes;
        grpc.MaxReceiveMessageSize = most;
        grpc.CompressionProviders = [CheckedCompression.Gzip(most), CheckedCompression.Deflate(most)];
        // CallGate answers them, so that they need no endpoints.
        grpc.IgnoreUnknownServices = true;
    }
}
