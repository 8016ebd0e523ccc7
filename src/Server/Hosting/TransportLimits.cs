using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Protocols.Grpc.Frames;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Hosting;

/// <summary>Sets Kestrel's and gRPC's limits of connections and calls.</summary>
internal sealed class TransportLimits(IOptions<LimitOptions> options, IOptions<WatchOptions> watches)
    : IConfigureOptions<KestrelServerOptions>, IConfigureOptions<GrpcServiceOptions>
{
    /// <summary>Kestrel's header limits as a multiple of ours.</summary>
    private const int KestrelFactor = 4;

    public void Configure(KestrelServerOptions kestrel)
    {
        var limits = options.Value;
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = limits.Connections;
        // Beyond its own limits, Kestrel may end the connection with all its watches. Up to them, CallGate refuses only the one call.
        kestrel.Limits.MaxRequestHeadersTotalSize = KestrelFactor * limits.MetadataBytes;
        kestrel.Limits.MaxRequestHeaderCount = KestrelFactor * LimitOptions.MetadataEntries;
        // HTTP writes a thousand ids into the request line.
        kestrel.Limits.MaxRequestLineSize = KestrelFactor * limits.MetadataBytes;
        // One header may use the whole limit: a token is often most of the metadata.
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = KestrelFactor * limits.MetadataBytes;
        kestrel.Limits.Http2.MaxStreamsPerConnection = limits.StreamsPerConnection ?? (2 * watches.Value.MaxOpenPerCaller);
        kestrel.Limits.KeepAliveTimeout = limits.IdleConnection;
        // A dead peer is invisible without pings.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(20);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        // Off, because one paused reader would end the whole connection; a watch has its own write timeout.
        kestrel.Limits.MinResponseDataRate = null;
    }

    public void Configure(GrpcServiceOptions grpc)
    {
        var most = options.Value.RequestBytes;
        grpc.MaxReceiveMessageSize = most;
        grpc.CompressionProviders = [CheckedCompression.Gzip(most), CheckedCompression.Deflate(most)];
        // CallGate refuses unknown services, so they need no endpoints.
        grpc.IgnoreUnknownServices = true;
    }
}
