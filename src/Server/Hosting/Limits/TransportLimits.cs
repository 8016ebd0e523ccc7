using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace TaskGrpc.Server.Hosting.Limits;

/// <summary>Tells Kestrel and gRPC what a connection and a call may bring.</summary>
internal sealed class TransportLimits(IOptions<LimitOptions> options) : IConfigureOptions<KestrelServerOptions>, IConfigureOptions<GrpcServiceOptions>
{
    public void Configure(KestrelServerOptions kestrel)
    {
        var limits = options.Value;
        kestrel.Limits.MaxConcurrentConnections = limits.Connections;
        kestrel.Limits.MaxRequestHeadersTotalSize = limits.MetadataBytes;
        // One header may be all of it: a token is often most of what a call brings.
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = limits.MetadataBytes;
        kestrel.Limits.Http2.MaxStreamsPerConnection = limits.StreamsPerConnection;
        kestrel.Limits.KeepAliveTimeout = limits.IdleConnection;
        // A dead peer is invisible without pings.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(20);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        // It would cut the whole connection for one stream whose reader pauses; a watch has a write timeout of its own.
        kestrel.Limits.MinResponseDataRate = null;
    }

    public void Configure(GrpcServiceOptions grpc) => grpc.MaxReceiveMessageSize = options.Value.RequestBytes;
}
